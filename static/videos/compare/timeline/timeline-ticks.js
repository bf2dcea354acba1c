// @ts-check
// Draw the time scale over the lanes.
import { formatTime } from "../../player/frame-times.js";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]; // seconds
const LEAST_PIXELS = 96; // between two ticks

/** The ticks in an SVG group. Elements are reused, because this runs at every frame of a zoom. */
export class TimelineTicks {
  /** @param {Element} group */
  constructor(group) {
    this.group = group;
    /** @type {SVGElement[]} */
    this.lines = Array.from(group.querySelectorAll("line"));
    /** @type {SVGElement[]} */
    this.texts = Array.from(group.querySelectorAll("text"));
  }

  /**
   * @param {TimelineZoom} zoom
   * @param {number} width In pixels.
   */
  draw(zoom, width) {
    const most = Math.max(2, Math.min(8, Math.floor(width / LEAST_PIXELS)));
    const step = STEPS.find((each) => zoom.length / each <= most) ?? STEPS.at(-1);
    let used = 0;
    for (let number = Math.ceil(zoom.start / step - 1e-6); number * step <= zoom.end + 1e-6; number += 1) {
      this.#place(used, zoom.shareOf(number * step), formatTick(number * step, step));
      used += 1;
    }
    for (const spare of [...this.lines.slice(used), ...this.texts.slice(used)]) {
      spare.setAttribute("visibility", "hidden");
    }
  }

  /**
   * @param {number} index
   * @param {number} share
   * @param {string} label
   */
  #place(index, share, label) {
    if (index === this.lines.length) this.#add();
    const x = `${(100 * share).toFixed(3)}%`;
    const [line, text] = [this.lines[index], this.texts[index]];
    setAttributes(line, { x1: x, x2: x, visibility: "visible" });
    const anchor = share > 0.96 ? "end" : share > 0.02 ? "middle" : "start";
    setAttributes(text, { x, visibility: "visible", "text-anchor": anchor });
    if (text.textContent !== label) text.textContent = label;
  }

  #add() {
    const line = this.group.appendChild(document.createElementNS(SVG, "line"));
    const text = this.group.appendChild(document.createElementNS(SVG, "text"));
    setAttributes(line, { y1: "16", y2: "116" });
    setAttributes(text, { y: "9" });
    this.lines.push(line);
    this.texts.push(text);
  }
}

/**
 * @param {number} seconds
 * @param {number} step
 */
function formatTick(seconds, step) {
  const full = formatTime(seconds);
  return step >= 1 ? full.slice(0, -3) : step >= 0.1 ? full.slice(0, -1) : full;
}

/**
 * @param {SVGElement} element
 * @param {Record<string, string>} attributes
 */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}
