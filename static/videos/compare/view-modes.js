// @ts-check
// Choose how the two pictures are shown: side by side, wipe, overlay, difference, or A/B. The styles lay them out.
import { VIEW_MODES } from "./script/constants.js";

/**
 * @typedef {object} Amount How far a view mode goes.
 * @property {string} property The CSS property that it sets.
 * @property {string} unit Its CSS unit.
 * @property {string} label The unit as it is shown.
 * @property {number} step
 * @property {string} parameter Its name in the address.
 */

/** @type {Record<string, Amount>} */
const AMOUNTS = {
  wipe: { property: "--wipe", unit: "%", label: "%", step: 5, parameter: "wipe" },
  overlay: { property: "--mix", unit: "%", label: "%", step: 10, parameter: "overlay" },
  difference: { property: "--gain", unit: "", label: "×", step: 1, parameter: "gain" },
};

export class ViewModes extends EventTarget {
  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.players = root.querySelector("#players");
    this.sliders = root.querySelector("#amounts");
    /** @type {HTMLInputElement[]} */
    this.inputs = Array.from(this.sliders.querySelectorAll("[data-amount]"));
    /** @type {HTMLAnchorElement[]} */
    this.links = Array.from(root.querySelectorAll("#views a"));
    this.shownSideText = root.querySelector("#shown-side");
    this.divider = root.querySelector(".divider");
    this.name = this.players.dataset.view;
    this.#attach();
    for (const input of this.inputs) this.#apply(input);
    this.#showSide("b");
  }

  /**
   * Choose a view mode.
   * @param {string} name
   */
  choose(name) {
    if (!VIEW_MODES.some((mode) => mode === name) || name === this.name) return;
    this.name = name;
    this.players.dataset.view = name;
    this.sliders.dataset.view = name;
    for (const link of this.links) {
      if (link.dataset.view === name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.dispatchEvent(new Event("change"));
  }

  /** The amounts as query parameters; null for those that have the page's default. */
  get changedAmounts() {
    /** @type {Record<string, string | null>} */
    const amounts = {};
    for (const { dataset, value, defaultValue } of this.inputs) {
      amounts[AMOUNTS[dataset.amount].parameter] = value === defaultValue ? null : value;
    }
    return amounts;
  }

  /**
   * Set the amounts of an address; those that it omits get the page's default.
   * @param {URLSearchParams} parameters
   */
  setAmounts(parameters) {
    for (const input of this.inputs) {
      const wanted = Number.parseFloat(parameters.get(AMOUNTS[input.dataset.amount].parameter) ?? "");
      this.#set(input, Number.isFinite(wanted) ? wanted : input.defaultValue);
    }
  }

  /** Show the other side in the A/B view, or change to that view. */
  toggleSide() {
    if (this.name === "flick") this.#showSide(this.players.dataset.shown === "b" ? "a" : "b");
    else this.choose("flick");
  }

  /**
   * Change the amount of the current view mode by one step.
   * @param {number} direction 1 or -1.
   */
  adjust(direction) {
    const input = this.inputs.find(({ dataset }) => dataset.amount === this.name);
    if (input) this.#set(input, Number(input.value) + direction * AMOUNTS[this.name].step);
  }

  /**
   * @param {HTMLInputElement} input
   * @param {number | string} value
   */
  #set(input, value) {
    input.value = String(value); // the input limits it to its range and steps
    this.#apply(input);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {HTMLInputElement} input */
  #apply(input) {
    const { property, unit, label } = AMOUNTS[input.dataset.amount];
    const [value, min, max] = [Number(input.value), Number(input.min), Number(input.max)];
    this.players.style.setProperty(property, `${input.value}${unit}`);
    input.parentElement.querySelector("output").textContent = `${input.value} ${label}`;
    input.style.setProperty("--done", `${(100 * (value - min)) / (max - min)}%`);
  }

  /** @param {string} side */
  #showSide(side) {
    this.players.dataset.shown = side;
    this.shownSideText.textContent = side.toUpperCase();
  }

  #attach() {
    this.sliders.addEventListener("input", (event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      this.#set(input, input.value);
    });
    for (const link of this.links) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.choose(link.dataset.view);
      });
    }
    const wipe = this.inputs.find(({ dataset }) => dataset.amount === "wipe");
    /** @param {PointerEvent} event */
    const drag = (event) => {
      const box = this.divider.parentElement.querySelector(".screen").getBoundingClientRect();
      this.#set(wipe, (100 * (event.clientX - box.left)) / box.width);
    };
    this.divider.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.divider.setPointerCapture(event.pointerId);
      drag(event);
    });
    this.divider.addEventListener("pointermove", (event) => {
      if (this.divider.hasPointerCapture(event.pointerId)) drag(event);
    });
  }
}
