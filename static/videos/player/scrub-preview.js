// @ts-check
// Show a sprite and its time under the pointer on the seek bar of one video.
import { formatTime } from "./frame-times.js";
import { SpriteTrack } from "./sprites.js";

const THUMB_PIXELS = 14; // its centre stays half of this from either end of the bar

/**
 * @param {HTMLElement} seekBar
 * @param {() => number} getDuration Returns the seconds that the whole bar represents.
 */
export function setUpScrubPreview(seekBar, getDuration) {
  const preview = seekBar.querySelector(".scrub-preview");
  const canvas = preview.querySelector("canvas");
  const sprites = seekBar.dataset.sprites ? new SpriteTrack(() => seekBar.dataset.sprites) : null;

  /** @param {PointerEvent} event */
  async function show(event) {
    if (event.pointerType === "touch" && !event.buttons) return;
    const box = seekBar.getBoundingClientRect();
    const share = (event.clientX - box.left - THUMB_PIXELS / 2) / (box.width - THUMB_PIXELS);
    const seconds = Math.min(Math.max(share, 0), 1) * getDuration();
    preview.querySelector("figcaption").textContent = formatTime(seconds);
    preview.hidden = false;
    place(event.clientX - box.left, box.width);
    if (!(await sprites?.draw(canvas, seconds))) return;
    canvas.hidden = false;
    place(event.clientX - box.left, box.width);
  }

  /**
   * @param {number} x
   * @param {number} width
   */
  function place(x, width) {
    const half = preview.offsetWidth / 2;
    preview.style.left = `${Math.min(Math.max(x, half), width - half)}px`;
  }

  function hide() {
    sprites?.cancel();
    preview.hidden = true;
  }

  seekBar.addEventListener("pointermove", show);
  seekBar.addEventListener("pointerleave", hide);
  seekBar.addEventListener("pointercancel", hide);
}
