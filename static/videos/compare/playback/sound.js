// @ts-check
// Play the sound of one side: of the leading side, so that each segment is heard once, or of the side that was chosen.
import { SIDES } from "../script/alignment.js";

/** @type {Record<string, string>} */
const NEXT_CHOICE = { lead: "a", a: "b", b: "lead" };

export class SoundSelector {
  /**
   * @param {SyncPlayback} playback
   * @param {HTMLElement} root
   */
  constructor(playback, root) {
    this.playback = playback;
    this.button = root.querySelector("[data-do=mute]");
    /** @type {HTMLSelectElement} */
    this.select = root.querySelector("#sound");
    this.muted = false;
    const audible = SIDES.filter((side) => playback.sides[side].data.has_sound);
    this.button.hidden = audible.length === 0;
    this.select.parentElement.hidden = audible.length === 0;
    for (const option of this.select.options) {
      option.disabled = option.value !== "lead" && !audible.some((side) => side === option.value);
    }
    this.select.addEventListener("change", () => this.#apply());
    playback.addEventListener("change", () => this.#apply());
    this.#apply();
  }

  /** The side that is heard. */
  get side() {
    return this.select.value === "lead" ? this.playback.position.step.lead : this.select.value;
  }

  toggleMute() {
    this.muted = !this.muted;
    this.button.setAttribute("aria-pressed", String(this.muted));
    this.#apply();
  }

  /** Choose the next option that is enabled. */
  selectNext() {
    do this.select.value = NEXT_CHOICE[this.select.value];
    while (this.select.selectedOptions[0].disabled);
    this.#apply();
  }

  #apply() {
    for (const side of SIDES) this.playback.sides[side].muted = this.muted || side !== this.side;
  }
}
