// @ts-check
// Connect the players with the panels that other apps add.
//
// `sage:position` tells where both sides are, and `sage:side` which player the user pressed. `sage:seek` and
// `sage:pause` control the players.
import { SIDES } from "./script/alignment.js";

/**
 * @param {HTMLElement} root
 * @param {SyncPlayback} playback
 */
export function setUpPageEvents(root, playback) {
  const announce = () => {
    const { a, b, step } = playback.position;
    const detail = { a, b, lead: step.lead, shown: SIDES.filter((side) => step.segment[side]) };
    document.dispatchEvent(new CustomEvent("sage:position", { detail }));
  };
  playback.addEventListener("change", announce);
  announce();
  for (const side of SIDES) {
    root.querySelector(`#player-${side}`).addEventListener("pointerdown", () => {
      document.dispatchEvent(new CustomEvent("sage:side", { detail: { side } }));
    });
  }
  document.addEventListener("sage:pause", () => playback.pause());
  document.addEventListener("sage:seek", ({ detail }) => {
    playback.seek(playback.alignment.timeFromSide(detail.side, detail.seconds));
  });
}
