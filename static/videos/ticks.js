// The scale over the lanes.
import { clock } from "./times.js";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const PIXELS = 96; // for each, at least

/** Ticks in `group`, whose elements are moved rather than made anew: this runs at every frame of a zoom. */
export class Ticks {
  constructor(group) {
    this.group = group;
    this.lines = [...group.querySelectorAll("line")];
    this.texts = [...group.querySelectorAll("text")];
  }

  draw(zoom, width) {
    const room = Math.max(2, Math.min(8, Math.floor(width / PIXELS)));
    const step = STEPS.find((each) => zoom.length / each <= room) ?? STEPS.at(-1);
    let used = 0;
    for (let number = Math.ceil(zoom.start / step - 1e-6); number * step <= zoom.end + 1e-6; number += 1) {
      this.#place(used, zoom.share(number * step), label(number * step, step));
      used += 1;
    }
    for (const spare of [...this.lines.slice(used), ...this.texts.slice(used)]) spare.setAttribute("visibility", "hidden");
  }

  #place(index, share, words) {
    if (index === this.lines.length) this.#add();
    const x = `${(100 * share).toFixed(3)}%`;
    const [line, text] = [this.lines[index], this.texts[index]];
    set(line, { x1: x, x2: x, visibility: "visible" });
    set(text, { x, visibility: "visible", "text-anchor": share > 0.96 ? "end" : share > 0.02 ? "middle" : "start" });
    if (text.textContent !== words) text.textContent = words;
  }

  #add() {
    const [line, text] = ["line", "text"].map((name) => this.group.appendChild(document.createElementNS(SVG, name)));
    set(line, { y1: 16, y2: 116 });
    set(text, { y: 9 });
    this.lines.push(line);
    this.texts.push(text);
  }
}

function label(seconds, step) {
  const full = clock(seconds);
  return step >= 1 ? full.slice(0, -3) : step >= 0.1 ? full.slice(0, -1) : full;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}
