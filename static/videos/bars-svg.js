// The bars and ribbons that the server drew, made to follow the threshold and the zoom.
import { opOf, severityOf } from "./ranks.js";
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
    this.recolour();
  }

  /** Tell each bar anew what it is. */
  recolour() {
    const { ranks } = this.cut.told;
    const stored = this.cut.script.segments;
    for (const element of [...this.links, ...this.ribbons]) {
      const rank = ranks[element.dataset.index];
      if (element.told === rank) continue;
      element.told = rank;
      const [op, severity] = [opOf(rank), severityOf(rank)];
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

  /** Mark the stored segments from `first` until `after`. */
  mark(first, after) {
    for (const element of this.marked) element.classList.remove("current");
    this.marked = [...this.links, ...this.ribbons].filter(({ dataset }) => dataset.index >= first && dataset.index < after);
    for (const element of this.marked) element.classList.add("current");
  }
}
