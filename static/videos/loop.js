// Playing one difference again and again.

const LEAST_SECONDS = 1; // what is shorter is shown with what is around it

export class Loop {
  constructor(walk, button) {
    this.walk = walk;
    this.button = button;
    walk.addEventListener("change", () => this.#follow());
  }

  toggle() {
    if (this.walk.loop) this.#set(null);
    else this.#begin();
  }

  /** Around the difference of now, or the next one. */
  #begin() {
    const { walk } = this;
    let { step } = walk.place;
    if (step.op === "equal") {
      const at = walk.alignment.difference(step.begin, 1) ?? walk.alignment.difference(step.begin, -1);
      if (at === null) return;
      step = walk.alignment.step(at);
    }
    this.#set(step);
    if (walk.place.walk < walk.loop.begin || walk.place.walk >= walk.loop.end) walk.seek(walk.loop.begin);
    walk.play();
  }

  #set(step) {
    const { walk } = this;
    if (step) {
      const around = Math.max(0, LEAST_SECONDS - step.length) / 2;
      walk.loop = { begin: Math.max(0, step.begin - around), end: Math.min(walk.alignment.length, step.begin + step.length + around) };
    } else {
      walk.loop = null;
    }
    this.button.setAttribute("aria-pressed", String(Boolean(step)));
  }

  /** Whoever goes to another difference loops over that one; whoever goes elsewhere is done looping. */
  #follow() {
    const { walk } = this;
    if (!walk.loop || (walk.place.walk >= walk.loop.begin && walk.place.walk <= walk.loop.end)) return;
    this.#set(walk.place.step.op === "equal" ? null : walk.place.step);
  }
}
