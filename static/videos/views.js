// Five ways to look at the two pictures: side by side, wipe, overlay, difference, flick. The styles lay them out; this
// chooses, and says how far.

export const VIEWS = ["side", "wipe", "overlay", "difference", "flick"];
const SHOWN_AS = { wipe: (value) => `${value} %`, overlay: (value) => `${value} %`, difference: (value) => `${value} ×` };
const PROPERTIES = { wipe: "--wipe", overlay: "--mix", difference: "--gain" };
const UNITS = { wipe: "%", overlay: "%", difference: "" };
const STEPS = { wipe: 5, overlay: 10, difference: 1 };

export class Views extends EventTarget {
  constructor(root) {
    super();
    this.players = root.querySelector("#players");
    this.amounts = root.querySelector("#amounts");
    this.links = [...root.querySelectorAll("#views a")];
    this.flicked = root.querySelector("#flicked");
    this.divider = root.querySelector(".divider");
    this.name = this.players.dataset.view;
    this.#wire();
    for (const input of this.amounts.querySelectorAll("[data-amount]")) this.#take(input);
    this.#showSide("b");
  }

  /** Show the pictures in the way called `name`. */
  choose(name) {
    if (!VIEWS.includes(name) || name === this.name) return;
    this.name = name;
    this.players.dataset.view = this.amounts.dataset.view = name;
    for (const link of this.links) {
      if (link.dataset.view === name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.dispatchEvent(new Event("change"));
  }

  /** The other side, at once; from any other view, into this one. */
  flick() {
    if (this.name === "flick") this.#showSide(this.players.dataset.shown === "b" ? "a" : "b");
    else this.choose("flick");
  }

  /** Further or less far: the wipe, the opacity or the gain, whichever there is. */
  change(direction) {
    const input = this.amounts.querySelector(`[data-amount=${this.name}]`);
    if (!input) return;
    input.value = String(Number(input.value) + direction * STEPS[this.name]);
    this.#take(input);
  }

  #take(input) {
    const name = input.dataset.amount;
    this.players.style.setProperty(PROPERTIES[name], `${input.value}${UNITS[name]}`);
    input.parentElement.querySelector("output").textContent = SHOWN_AS[name](input.value);
  }

  #showSide(side) {
    this.players.dataset.shown = side;
    this.flicked.textContent = side.toUpperCase();
  }

  #wire() {
    this.amounts.addEventListener("input", (event) => this.#take(event.target));
    for (const link of this.links) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.choose(link.dataset.view);
      });
    }
    const wipe = this.amounts.querySelector("[data-amount=wipe]");
    const drag = (event) => {
      const box = this.divider.parentElement.querySelector(".screen").getBoundingClientRect();
      wipe.value = String((100 * (event.clientX - box.left)) / box.width);
      this.#take(wipe);
    };
    this.divider.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.divider.setPointerCapture(event.pointerId);
      drag(event);
    });
    this.divider.addEventListener("pointermove", (event) => this.divider.hasPointerCapture(event.pointerId) && drag(event));
  }
}
