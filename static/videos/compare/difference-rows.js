// @ts-check
// Build the rows of the list of differences from the server's template, and keep them for the next threshold.
import { frameAt } from "../player/frame-times.js";
import { mapBoxToA } from "./image-registration.js";
import { SIDES } from "./script/alignment.js";
import { LETTERS, SEVERITY_SHARES } from "./script/constants.js";
import { absence, times, title } from "./wording.js";

const SVG = "http://www.w3.org/2000/svg";

export class DifferenceRows {
  /**
   * @param {HTMLTemplateElement} template
   * @param {HTMLElement} list
   * @param {any} data The page's data.
   */
  constructor(template, list, data) {
    this.template = template;
    this.data = data;
    /** @type {Map<number, HTMLElement>} */
    this.rows = new Map();
    for (const row of /** @type {Iterable<HTMLElement>} */ (list.children)) {
      this.rows.set(Number(row.querySelector("a").dataset.index), row);
    }
  }

  /**
   * Return the row of a segment, with its current severity.
   * @param {Segment} segment
   */
  getRow(segment) {
    if (!this.rows.has(segment.index)) this.rows.set(segment.index, this.#build(segment));
    const row = this.rows.get(segment.index);
    const meter = row.querySelector(".meter");
    meter.setAttribute("aria-label", `${segment.severity} severity`);
    meter.querySelector(".share").setAttribute("width", String(100 * SEVERITY_SHARES[segment.severity]));
    return row;
  }

  /** @param {Segment} segment */
  #build(segment) {
    const row = /** @type {HTMLElement} */ (this.template.content.firstElementChild.cloneNode(true));
    const link = row.querySelector("a");
    const lead = segment.b ? "b" : "a";
    link.href = `?t=${segment[lead][0].toFixed(3)}${lead === "a" ? "&side=a" : ""}`;
    link.dataset.index = String(segment.index);
    const letter = row.querySelector(".op");
    letter.classList.add(segment.op);
    letter.textContent = LETTERS[segment.op];
    row.querySelector("b").textContent = title(segment);
    row.querySelector(".distance").textContent = segment.distance === null ? "" : segment.distance.toFixed(2);
    row.querySelector(".meter").classList.add(segment.op);
    row.querySelector(".times").textContent = times(segment);
    row.querySelector(".pair").replaceChildren(...SIDES.map((side) => this.#buildStill(segment, side)));
    return row;
  }

  /**
   * @param {Segment} segment
   * @param {Side} side
   */
  #buildStill(segment, side) {
    const still = document.createElement("span");
    still.className = "still";
    if (!segment[side]) {
      still.classList.add("none");
      still.textContent = absence(segment, side);
      return still;
    }
    const image = still.appendChild(new Image());
    Object.assign(image, { alt: "", loading: "lazy", decoding: "async", src: this.#stillUrl(segment, side) });
    const { width, height } = this.data[side];
    if (segment.regions.length && width && height) {
      still.append(buildBoxes(segment, width, height, side === "a" ? this.data.script.transforms : []));
    }
    return still;
  }

  /**
   * @param {Segment} segment
   * @param {Side} side
   */
  #stillUrl(segment, side) {
    if (segment.pictured) return this.data.pictures[side].replace("picture-0-", `picture-${segment.index}-`);
    const { stills, still } = this.data[side];
    const number = frameAt(stills, (segment[side][0] + segment[side][1]) / 2);
    return still.replace("still-00000", `still-${String(number).padStart(5, "0")}`);
  }
}

/**
 * @param {Segment} segment
 * @param {number} width
 * @param {number} height
 * @param {Transform[]} transforms
 */
function buildBoxes({ regions, op }, width, height, transforms) {
  const outer = buildSvg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const inner = buildSvg("svg", { width, height, viewBox: "0 0 1 1", preserveAspectRatio: "none" });
  outer.append(inner);
  for (const region of regions) inner.append(buildSvg("rect", { class: op, ...mapBoxToA(region, transforms) }));
  return outer;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function buildSvg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, String(value));
  return element;
}
