// Rows of the list of differences, made from the template that the server gives, and kept for the next threshold.
import { frameAt } from "./align.js";
import { onA } from "./register.js";
import { LETTERS, times, title } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const SHARES = { low: 30, medium: 62, high: 100 };

export class Rows {
  constructor(template, list, data) {
    this.template = template;
    this.data = data;
    this.made = new Map([...list.children].map((row) => [Number(row.querySelector("a").dataset.index), row]));
  }

  row(segment) {
    if (!this.made.has(segment.index)) this.made.set(segment.index, this.#make(segment));
    const row = this.made.get(segment.index);
    const meter = row.querySelector(".meter");
    meter.setAttribute("aria-label", `${segment.severity} severity`);
    meter.querySelector(".share").setAttribute("width", SHARES[segment.severity]);
    return row;
  }

  #make(segment) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const link = row.querySelector("a");
    const lead = segment.b ? "b" : "a";
    link.href = `?t=${segment[lead][0].toFixed(3)}${lead === "a" ? "&side=a" : ""}`;
    link.dataset.index = segment.index;
    const letter = row.querySelector(".op");
    letter.classList.add(segment.op);
    letter.textContent = LETTERS[segment.op];
    row.querySelector("b").textContent = title(segment);
    row.querySelector(".distance").textContent = segment.distance === null ? "" : segment.distance.toFixed(2);
    row.querySelector(".meter").classList.add(segment.op);
    row.querySelector(".times").textContent = times(segment);
    row.querySelector(".pair").replaceChildren(...["a", "b"].map((side) => this.#still(segment, side)));
    return row;
  }

  #still(segment, side) {
    const still = document.createElement("span");
    still.className = "still";
    if (!segment[side]) {
      still.classList.add("none");
      still.textContent = `not in ${side.toUpperCase()}`;
      return still;
    }
    const image = still.appendChild(new Image());
    Object.assign(image, { alt: "", loading: "lazy", decoding: "async", src: this.#address(segment, side) });
    const { width, height } = this.data[side];
    if (segment.regions.length && width && height) still.append(boxes(segment, width, height, side === "a" ? this.data.script.transforms : []));
    return still;
  }

  #address(segment, side) {
    if (segment.pictured) return this.data.pictures[side].replace("picture-0-", `picture-${segment.index}-`);
    const { stills, still } = this.data[side];
    const number = frameAt(stills, (segment[side][0] + segment[side][1]) / 2);
    return still.replace("still-00000", `still-${String(number).padStart(5, "0")}`);
  }
}

function boxes({ regions, op }, width, height, transforms) {
  const outer = make("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const inner = outer.appendChild(make("svg", { width, height, viewBox: "0 0 1 1", preserveAspectRatio: "none" }));
  for (const region of regions) inner.append(make("rect", { class: op, ...onA(region, transforms) }));
  return outer;
}

function make(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}
