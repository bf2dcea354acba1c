// The bars and ribbons that the server drew, made to follow the threshold and the zoom.
import { LEAST_PIXELS } from "./stripes.js";
import { between, title } from "./words.js";

const NAMES = ["equal", "changed", "low", "medium", "high"];

export class SvgBars {
  constructor(field, cut, zoom) {
    this.cut = cut;
    this.zoom = zoom;
    this.svg = field.querySelector(".bars");
    this.links = [...this.svg.querySelectorAll(".bar-link")];
    this.ribbons = [...this.svg.querySelectorAll(".ribbons path")];
    this.marked = [];
    for (const link of this.links) link.querySelector("title").remove(); // the card under the pointer says more
    this.recut();
  }

  /** Tell each bar anew what it is. */
  recut() {
    const { told } = this.cut.shown;
    const stored = this.cut.script.segments;
    for (const element of [...this.links, ...this.ribbons]) {
      const { op, severity } = told[element.dataset.index];
      const wanted = `${op} ${severity}`;
      if (element.told === wanted) continue;
      element.told = wanted;
      element.classList.remove(...NAMES);
      element.classList.add(op);
      if (element.localName === "path") continue;
      if (severity) element.classList.add(severity);
      element.dataset.op = op;
      element.tabIndex = op === "equal" ? -1 : 0;
      const { side } = element.dataset;
      const segment = { ...stored[element.dataset.index], op };
      element.setAttribute("aria-label", `${title(segment)}. ${side.toUpperCase()} ${between(segment[side])}`);
    }
  }

  draw(width) {
    const { zoom } = this;
    const scale = zoom.span / zoom.length;
    this.svg.setAttribute("x", `${-100 * scale * (zoom.start / zoom.span)}%`);
    this.svg.setAttribute("width", `${100 * scale}%`);
    if (this.drawnAt === width * scale) return;
    this.drawnAt = width * scale;
    for (const link of this.links) {
      this.shares ??= new Map(this.links.map((each) => [each, Number.parseFloat(each.firstElementChild.getAttribute("width")) / 100]));
      link.classList.toggle("sliver", this.shares.get(link) * this.drawnAt < LEAST_PIXELS + 2);
    }
  }

  /** Mark the shown segment at `place`. */
  mark(place) {
    for (const element of this.marked) element.classList.remove("current");
    const { segments } = this.cut.shown;
    const first = segments[place]?.index ?? 0;
    const after = segments[place + 1]?.index ?? Infinity;
    this.marked = [...this.links, ...this.ribbons].filter(({ dataset }) => dataset.index >= first && dataset.index < after);
    for (const element of this.marked) element.classList.add("current");
  }
}
