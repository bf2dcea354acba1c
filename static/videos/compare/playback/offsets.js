// @ts-check
// Shift each side by whole frames against the alignment.
import { SIDES } from "../script/alignment.js";

const MOST_FRAMES = 9999;

export class FrameOffsets extends EventTarget {
  /**
   * @param {HTMLElement} root
   * @param {SyncPlayback} playback
   */
  constructor(root, playback) {
    super();
    this.playback = playback;
    this.box = root.querySelector("#offsets");
    this.resetButton = this.box.querySelector("[data-do=reset-offsets]");
    this.box.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-do=shift]");
      if (button) this.shift(button.dataset.side, Number(button.dataset.by));
    });
    this.resetButton.addEventListener("click", () => this.set(0, 0));
  }

  get a() {
    return this.playback.sides.a.offsetFrames;
  }

  get b() {
    return this.playback.sides.b.offsetFrames;
  }

  /**
   * Shift one side by some frames.
   * @param {string} side
   * @param {number} frames
   */
  shift(side, frames) {
    if (side === "a") this.set(this.a + frames, this.b);
    else this.set(this.a, this.b + frames);
  }

  /**
   * Set the frames that each side is ahead of the alignment.
   * @param {number} a
   * @param {number} b
   */
  set(a, b) {
    const wanted = { a, b };
    if (a === this.a && b === this.b) return;
    for (const side of SIDES) {
      const frames = Math.min(Math.max(wanted[side], -MOST_FRAMES), MOST_FRAMES);
      this.playback.sides[side].offsetFrames = frames;
      const sign = frames > 0 ? "+" : frames < 0 ? "−" : "";
      this.box.querySelector(`[data-offset=${side}]`).textContent = `${sign}${Math.abs(frames)} f`;
    }
    this.resetButton.hidden = this.a === 0 && this.b === 0;
    this.playback.seek(this.playback.position.time);
    this.dispatchEvent(new Event("change"));
  }
}
