// What is under the pointer on the timeline: both times, a still of each side, what happened there and how strongly.
import { Sprites } from "./sprites.js";
import { clock } from "./times.js";
import { title } from "./words.js";

export class Peek {
  constructor(box, data) {
    this.box = box;
    this.data = data;
    this.parts = {};
    for (const side of ["a", "b"]) {
      const figure = box.appendChild(document.createElement("figure"));
      const image = figure.appendChild(document.createElement("canvas"));
      const sprites = data[side].sprites && new Sprites(() => this.data[side].sprites);
      const none = figure.appendChild(Object.assign(document.createElement("span"), { className: "none", textContent: `not in ${side.toUpperCase()}` }));
      const caption = figure.appendChild(document.createElement("figcaption"));
      caption.className = "num";
      this.parts[side] = { image, sprites, none, caption };
    }
    this.words = box.appendChild(document.createElement("p"));
  }

  /** Show `place` of the alignment over the pixel `x` of what is `width` wide. */
  show(place, x, width) {
    for (const side of ["a", "b"]) {
      const { image, sprites, none, caption } = this.parts[side];
      const here = place.absent !== side && sprites;
      image.hidden = !here;
      none.hidden = place.absent !== side;
      if (here) sprites.draw(image, place[side]);
      caption.textContent = `${side.toUpperCase()} ${clock(place[side])}`;
    }
    const { segment } = place.step;
    const distance = segment.distance === null || segment.distance === undefined ? "" : `, distance ${segment.distance.toFixed(2)}`;
    this.words.textContent = title(segment) + distance;
    this.box.hidden = false;
    const half = this.box.offsetWidth / 2;
    this.box.style.left = `${Math.min(Math.max(x, half), Math.max(width - half, half))}px`;
  }

  hide() {
    this.box.hidden = true;
  }
}
