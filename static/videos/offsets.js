// Each side may be moved by whole frames against what the alignment says.

const MOST = 9999; // frames

export class Offsets extends EventTarget {
  constructor(root, walk) {
    super();
    this.walk = walk;
    this.box = root.querySelector("#offsets");
    this.back = this.box.querySelector("[data-do=reset-offsets]");
    this.box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do=nudge]");
      if (button) this.nudge(button.dataset.side, Number(button.dataset.by));
    });
    this.back.addEventListener("click", () => this.set(0, 0));
  }

  get a() {
    return this.walk.sides.a.nudge;
  }

  get b() {
    return this.walk.sides.b.nudge;
  }

  nudge(name, by) {
    if (name === "a") this.set(this.a + by, this.b);
    else this.set(this.a, this.b + by);
  }

  /** Frames that either side is shown ahead of what it is asked for. */
  set(a, b) {
    const wanted = { a, b };
    if (a === this.a && b === this.b) return;
    for (const name of ["a", "b"]) {
      const frames = Math.min(Math.max(wanted[name], -MOST), MOST);
      this.walk.sides[name].nudge = frames;
      this.box.querySelector(`[data-offset=${name}]`).textContent = `${frames > 0 ? "+" : frames < 0 ? "−" : ""}${Math.abs(frames)} f`;
    }
    this.back.hidden = this.a === 0 && this.b === 0;
    this.walk.seek(this.walk.place.walk);
    this.dispatchEvent(new Event("change"));
  }
}
