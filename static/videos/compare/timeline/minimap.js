// @ts-check
// Show a small view of the whole timeline while it is zoomed. Dragging moves the shown part.
import { getPalette, onThemeChange } from "../../../sage/palette.js";
import { drawLane } from "./timeline-canvas.js";

const HEIGHT = 12; // pixels
const LANE_HEIGHT = 5; // pixels

export class TimelineMinimap {
  /**
   * @param {HTMLElement} box
   * @param {ScriptState} state
   * @param {TimelineZoom} zoom
   */
  constructor(box, state, zoom) {
    this.box = box;
    this.state = state;
    this.zoom = zoom;
    this.canvas = box.querySelector("canvas");
    this.window = box.querySelector(".window");
    this.isStale = true;
    const invalidate = () => this.#invalidate();
    onThemeChange(invalidate);
    state.addEventListener("recolour", invalidate);
    addEventListener("resize", invalidate);
    this.#attachPointer();
  }

  draw() {
    const { box, zoom } = this;
    box.hidden = zoom.isAll;
    if (box.hidden) return;
    if (this.isStale) this.#paint();
    this.window.style.left = `${(100 * zoom.start) / zoom.duration}%`;
    this.window.style.width = `${(100 * zoom.length) / zoom.duration}%`;
  }

  #invalidate() {
    this.isStale = true;
    this.draw();
  }

  #paint() {
    const { canvas } = this;
    const { duration } = this.zoom;
    const width = this.box.clientWidth;
    const density = Math.min(devicePixelRatio, 2);
    [canvas.width, canvas.height] = [width * density, HEIGHT * density];
    const context = canvas.getContext("2d");
    context.scale(density, density);
    const all = { start: 0, end: duration, length: duration };
    const options = { width, height: LANE_HEIGHT, colours: getPalette() };
    drawLane(context, this.state.lanes.a, all, { ...options, y: 0 });
    drawLane(context, this.state.lanes.b, all, { ...options, y: LANE_HEIGHT + 2 });
    this.isStale = false;
  }

  #attachPointer() {
    /** @param {PointerEvent} event */
    const moveTo = (event) => {
      const box = this.box.getBoundingClientRect();
      const seconds = (this.zoom.duration * (event.clientX - box.left)) / box.width;
      this.zoom.pan(seconds - this.zoom.length / 2 - this.zoom.start);
    };
    this.box.addEventListener("pointerdown", (event) => {
      this.box.setPointerCapture(event.pointerId);
      moveTo(event);
    });
    this.box.addEventListener("pointermove", (event) => {
      if (this.box.hasPointerCapture(event.pointerId)) moveTo(event);
    });
  }
}
