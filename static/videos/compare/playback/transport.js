// @ts-check
// Connect the buttons under the players of a comparison, and their keyboard shortcuts.
import { addShortcuts, toggleShortcutList } from "../../../sage/shortcuts.js";
import { VIEW_MODES } from "../script/constants.js";
import { ReversePlayback } from "./reverse-playback.js";

/**
 * @param {HTMLElement} root
 * @param {SyncPlayback} playback
 * @param {object} parts
 * @param {SoundSelector} parts.sound
 * @param {ViewModes} parts.views
 * @param {DifferenceLoop} parts.loop
 * @param {TimelineZoom} parts.zoom
 * @param {FrameOffsets} parts.offsets
 */
export function setUpTransport(root, playback, { sound, views, loop, zoom, offsets }) {
  const reverse = new ReversePlayback(playback);
  /** @type {HTMLSelectElement} */
  const rateSelect = root.querySelector("#rate");
  const playButton = root.querySelector("[data-do=toggle]");

  /** @param {number} rate */
  const setRate = (rate) => {
    rateSelect.value = String(rate);
    playback.setRate(rate);
  };
  /** @param {number | null} time */
  const seek = (time) => {
    reverse.stop();
    if (time !== null) playback.seek(time);
  };
  const toggle = () => {
    if (playback.playing || reverse.isRunning) {
      reverse.stop();
      playback.pause();
    } else {
      playback.play();
    }
  };
  /** @param {number} direction */
  const stepFrame = (direction) => {
    reverse.stop();
    playback.stepFrame(direction);
  };
  const playFaster = () => {
    reverse.stop();
    if (playback.playing) setRate(playback.rate >= 2 ? 4 : playback.rate >= 1 ? 2 : 1);
    else playback.play();
  };
  const toggleLoop = () => {
    reverse.stop();
    loop.toggle();
  };

  /** @type {Record<string, () => void>} */
  const actions = {
    toggle,
    "frame-back": () => stepFrame(-1),
    "frame-on": () => stepFrame(1),
    previous: () => seek(playback.alignment.findDifference(playback.position.time, -1)),
    next: () => seek(playback.alignment.findDifference(playback.position.time, 1)),
    loop: toggleLoop,
    flick: () => views.toggleSide(),
    "zoom-in": () => zoom.scale(0.5),
    "zoom-out": () => zoom.scale(2),
    "zoom-all": () => zoom.showAll(),
    mute: () => sound.toggleMute(),
    help: toggleShortcutList,
  };

  root.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-do]");
    if (button) actions[button.dataset.do]?.();
  });
  rateSelect.addEventListener("change", () => playback.setRate(Number(rateSelect.value)));
  playback.addEventListener("change", () => {
    playButton.classList.toggle("playing", playback.playing);
    playButton.setAttribute("aria-label", playback.playing ? "Pause" : "Play");
  });

  addShortcuts({
    " ": toggle,
    k: toggle,
    l: playFaster,
    j: () => reverse.speedUp(),
    ",": actions["frame-back"],
    ".": actions["frame-on"],
    ArrowLeft: actions.previous,
    ArrowRight: actions.next,
    Home: () => seek(0),
    End: () => seek(playback.alignment.duration),
    r: toggleLoop,
    m: actions.mute,
    s: () => sound.selectNext(),
    x: actions.flick,
    ...Object.fromEntries(VIEW_MODES.map((name, index) => [String(index + 1), () => views.choose(name)])),
    "[": () => views.adjust(-1),
    "]": () => views.adjust(1),
    "<": () => offsets.shift("b", -1),
    ">": () => offsets.shift("b", 1),
    "+": actions["zoom-in"],
    "=": actions["zoom-in"],
    "-": actions["zoom-out"],
    0: actions["zoom-all"],
    "Shift+ArrowLeft": () => zoom.pan(-zoom.length / 4),
    "Shift+ArrowRight": () => zoom.pan(zoom.length / 4),
    c: () => root.querySelector("[data-do=copy-link]").click(),
    t: () => root.querySelector("#frame").click(),
    "?": toggleShortcutList,
  });
}
