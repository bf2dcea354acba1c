// All of the timeline in small, while only a part of it is shown: where that part is, and a way to move it.
import { drawLane } from "./bars-canvas.js";
import { onTheme, palette } from "./palette.js";

const HEIGHT = 12;
const BAR = 5;

export class Minimap {
  constructor(box, cut, zoom) {
    this.box = box;
    this.cut = cut;
    this.zoom = zoom;
    this.canvas = box.querySelector("canvas");
    this.window = box.querySelector(".window");
    this.stale = true;
    onTheme(() => this.#forget());
    cut.addEventListener("recolour", () => this.#forget());
    addEventListener("resize", () => this.#forget());
    this.#wire();
  }

  draw() {
    const { box, zoom } = this;
    box.hidden = zoom.isAll;
    if (box.hidden) return;
    if (this.stale) this.#paint();
    this.window.style.left = `${(100 * zoom.start) / zoom.span}%`;
    this.window.style.width = `${(100 * zoom.length) / zoom.span}%`;
  }

  #forget() {
    this.stale = true;
    this.draw();
  }

  #paint() {
    const { canvas } = this;
    const width = this.box.clientWidth;
    const density = Math.min(devicePixelRatio, 2);
    [canvas.width, canvas.height] = [width * density, HEIGHT * density];
    const pen = canvas.getContext("2d");
    pen.scale(density, density);
    const colours = palette();
    const all = { start: 0, end: this.zoom.span, length: this.zoom.span };
    for (const [side, y] of [["a", 0], ["b", BAR + 2]]) {
      drawLane(pen, this.cut.lanes[side], all, { width, y, height: BAR, colours });
    }
    this.stale = false;
  }

  #wire() {
    const go = (event) => {
      const box = this.box.getBoundingClientRect();
      const seconds = (this.zoom.span * (event.clientX - box.left)) / box.width;
      this.zoom.pan(seconds - this.zoom.length / 2 - this.zoom.start);
    };
    this.box.addEventListener("pointerdown", (event) => {
      this.box.setPointerCapture(event.pointerId);
      go(event);
    });
    this.box.addEventListener("pointermove", (event) => this.box.hasPointerCapture(event.pointerId) && go(event));
  }
}
