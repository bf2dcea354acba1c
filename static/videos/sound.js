// Sound from one side only: from the one that leads, so that what is seen once is heard once, or from the one chosen.

const OTHER = { lead: "a", a: "b", b: "lead" };

export class Sound {
  constructor(walk, root) {
    this.walk = walk;
    this.button = root.querySelector("[data-do=mute]");
    this.choice = root.querySelector("#sound");
    this.muted = false;
    const heard = ["a", "b"].filter((name) => walk.sides[name].data.has_sound);
    this.button.hidden = heard.length === 0;
    this.choice.parentElement.hidden = heard.length === 0;
    for (const option of this.choice.options) option.disabled = option.value !== "lead" && !heard.includes(option.value);
    this.choice.addEventListener("change", () => this.#apply());
    walk.addEventListener("change", () => this.#apply());
    this.#apply();
  }

  /** The side that is heard. */
  get side() {
    return this.choice.value === "lead" ? this.walk.place.step.lead : this.choice.value;
  }

  toggle() {
    this.muted = !this.muted;
    this.button.setAttribute("aria-pressed", String(this.muted));
    this.#apply();
  }

  /** The next choice that there is. */
  next() {
    do this.choice.value = OTHER[this.choice.value];
    while (this.choice.selectedOptions[0].disabled);
    this.#apply();
  }

  #apply() {
    for (const name of ["a", "b"]) this.walk.sides[name].muted = this.muted || name !== this.side;
  }
}
