// Five ways to look at the two pictures: side by side, wipe, overlay, difference, flick. The styles lay them out; this
// chooses, and says how far.

export const VIEWS = ["side", "wipe", "overlay", "difference", "flick"];
const SHOWN_AS = { wipe: (value) => `${value} %`, overlay: (value) => `${value} %`, difference: (value) => `${value} ×` };
const PROPERTIES = { wipe: "--wipe", overlay: "--mix", difference: "--gain" };
const UNITS = { wipe: "%", overlay: "%", difference: "" };
const STEPS = { wipe: 5, overlay: 10, difference: 1 };
const ASKED_AS = { wipe: "wipe", overlay: "overlay", difference: "gain" }; // in the address

export class Views extends EventTarget {
  constructor(root) {
    super();
    this.players = root.querySelector("#players");
    this.sliders = root.querySelector("#amounts");
    this.inputs = [...this.sliders.querySelectorAll("[data-amount]")];
    this.links = [...root.querySelectorAll("#views a")];
    this.flicked = root.querySelector("#flicked");
    this.divider = root.querySelector(".divider");
    this.name = this.players.dataset.view;
    this.#wire();
    for (const input of this.inputs) this.#take(input);
    this.#showSide("b");
  }

  /** Show the pictures in the way called `name`. */
  choose(name) {
    if (!VIEWS.includes(name) || name === this.name) return;
    this.name = name;
    this.players.dataset.view = this.sliders.dataset.view = name;
    for (const link of this.links) {
      if (link.dataset.view === name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.dispatchEvent(new Event("change"));
  }

  /** Amounts as an address holds them; null for those that are as a page begins. */
  get unusual() {
    return Object.fromEntries(this.inputs.map(({ dataset, value, defaultValue }) => [ASKED_AS[dataset.amount], value === defaultValue ? null : value]));
  }

  /** Take the amounts that an address asks for; what it does not say is as a page begins. */
  set amounts(asked) {
    for (const input of this.inputs) {
      const wanted = Number.parseFloat(asked.get(ASKED_AS[input.dataset.amount]) ?? "");
      this.#set(input, Number.isFinite(wanted) ? wanted : input.defaultValue);
    }
  }

  /** The other side, at once; from any other view, into this one. */
  flick() {
    if (this.name === "flick") this.#showSide(this.players.dataset.shown === "b" ? "a" : "b");
    else this.choose("flick");
  }

  /** Further or less far: the wipe, the opacity or the gain, whichever there is. */
  change(direction) {
    const input = this.inputs.find(({ dataset }) => dataset.amount === this.name);
    if (input) this.#set(input, Number(input.value) + direction * STEPS[this.name]);
  }

  #set(input, value) {
    input.value = String(value); // which keeps to its range and steps
    this.#take(input);
    this.dispatchEvent(new Event("change"));
  }

  #take(input) {
    const name = input.dataset.amount;
    this.players.style.setProperty(PROPERTIES[name], `${input.value}${UNITS[name]}`);
    input.parentElement.querySelector("output").textContent = SHOWN_AS[name](input.value);
    input.style.setProperty("--done", `${(100 * (input.value - input.min)) / (input.max - input.min)}%`);
  }

  #showSide(side) {
    this.players.dataset.shown = side;
    this.flicked.textContent = side.toUpperCase();
  }

  #wire() {
    this.sliders.addEventListener("input", ({ target }) => this.#set(target, target.value));
    for (const link of this.links) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.choose(link.dataset.view);
      });
    }
    const wipe = this.inputs.find(({ dataset }) => dataset.amount === "wipe");
    const drag = (event) => {
      const box = this.divider.parentElement.querySelector(".screen").getBoundingClientRect();
      this.#set(wipe, (100 * (event.clientX - box.left)) / box.width);
    };
    this.divider.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.divider.setPointerCapture(event.pointerId);
      drag(event);
    });
    this.divider.addEventListener("pointermove", (event) => this.divider.hasPointerCapture(event.pointerId) && drag(event));
  }
}
