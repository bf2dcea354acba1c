// Sound from one side only: the one that leads, so that what is seen once is heard once.

export class Sound {
  constructor(walk, button, sides) {
    this.walk = walk;
    this.button = button;
    this.sides = sides;
    this.muted = false;
    button.hidden = !sides.a.data.has_sound && !sides.b.data.has_sound;
    walk.addEventListener("change", () => this.#apply());
    this.#apply();
  }

  toggle() {
    this.muted = !this.muted;
    this.button.setAttribute("aria-pressed", String(this.muted));
    this.#apply();
  }

  #apply() {
    for (const name of ["a", "b"]) this.sides[name].muted = this.muted || name !== this.walk.place.step.lead;
  }
}
