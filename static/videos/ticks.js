// The scale over the lanes.
import { clock } from "./times.js";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const PIXELS = 96; // for each, at least

export function drawTicks(group, zoom, width) {
  const room = Math.max(2, Math.min(8, Math.floor(width / PIXELS)));
  const step = STEPS.find((each) => zoom.length / each <= room) ?? STEPS.at(-1);
  const first = Math.ceil(zoom.start / step - 1e-6);
  const parts = [];
  for (let number = first; number * step <= zoom.end + 1e-6; number += 1) {
    const share = zoom.share(number * step);
    const x = `${100 * share}%`;
    parts.push(make("line", { x1: x, x2: x, y1: 16, y2: 116 }));
    const text = make("text", { x, y: 9, "text-anchor": share > 0.96 ? "end" : share > 0.02 ? "middle" : "start" });
    text.textContent = label(number * step, step);
    parts.push(text);
  }
  group.replaceChildren(...parts);
}

function label(seconds, step) {
  const full = clock(seconds);
  return step >= 1 ? full.slice(0, -3) : step >= 0.1 ? full.slice(0, -1) : full;
}

function make(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}
