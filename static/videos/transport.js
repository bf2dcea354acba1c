// The buttons under the players of a comparison, and their keys.
import { Backwards } from "./backwards.js";
import { listenToKeys, toggleHelp } from "./keys.js";
import { VIEWS } from "./views.js";

export function wireTransport(root, walk, { sound, views, loop, zoom, offsets }) {
  const backwards = new Backwards(walk);
  const rate = root.querySelector("#rate");
  const play = root.querySelector("[data-do=toggle]");

  const stop = () => {
    backwards.stop();
    walk.pause();
  };
  const setRate = (value) => {
    rate.value = String(value);
    walk.setRate(value);
  };
  const go = (at) => {
    backwards.stop();
    if (at !== null) walk.seek(at);
  };
  const does = {
    toggle: () => (walk.playing || backwards.running ? stop() : walk.play()),
    "frame-back": () => (backwards.stop(), walk.stepFrame(-1)),
    "frame-on": () => (backwards.stop(), walk.stepFrame(1)),
    previous: () => go(walk.alignment.difference(walk.place.walk, -1)),
    next: () => go(walk.alignment.difference(walk.place.walk, 1)),
    loop: () => (backwards.stop(), loop.toggle()),
    flick: () => views.flick(),
    "zoom-in": () => zoom.by(0.5),
    "zoom-out": () => zoom.by(2),
    "zoom-all": () => zoom.all(),
    mute: () => sound.toggle(),
    help: toggleHelp,
  };

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) does[button.dataset.do]?.();
  });
  rate.addEventListener("change", () => walk.setRate(Number(rate.value)));
  walk.addEventListener("change", () => {
    play.classList.toggle("playing", walk.playing);
    play.setAttribute("aria-label", walk.playing ? "Pause" : "Play");
  });

  listenToKeys({
    " ": does.toggle,
    k: does.toggle,
    l: () => {
      backwards.stop();
      if (walk.playing) setRate(walk.rate >= 2 ? 4 : walk.rate >= 1 ? 2 : 1);
      else walk.play();
    },
    j: () => backwards.faster(),
    ",": does["frame-back"],
    ".": does["frame-on"],
    ArrowLeft: does.previous,
    ArrowRight: does.next,
    Home: () => go(0),
    End: () => go(walk.alignment.length),
    r: does.loop,
    m: does.mute,
    s: () => sound.next(),
    x: does.flick,
    ...Object.fromEntries(VIEWS.map((name, index) => [String(index + 1), () => views.choose(name)])),
    "[": () => views.change(-1),
    "]": () => views.change(1),
    "<": () => offsets.nudge("b", -1),
    ">": () => offsets.nudge("b", 1),
    "+": does["zoom-in"],
    "=": does["zoom-in"],
    "-": does["zoom-out"],
    0: does["zoom-all"],
    "Shift+ArrowLeft": () => zoom.pan(-zoom.length / 4),
    "Shift+ArrowRight": () => zoom.pan(zoom.length / 4),
    c: () => root.querySelector("[data-do=copy-link]").click(),
    "?": does.help,
  });
}
