// @ts-check
// Update the bars and ribbons that the server drew when the threshold or the zoom changes.
import { opOf, severityOf } from "../script/severities.js";
import { between, title } from "../wording.js";
import { LEAST_PIXELS } from "./timeline-layout.js";

const CLASSES = ["equal", "changed", "low", "medium", "high"];

export class SvgTimeline {
  /**
   * @param {HTMLElement} plot
   * @param {ScriptState} state
   * @param {TimelineZoom} zoom
   */
  constructor(plot, state, zoom) {
    this.state = state;
    this.zoom = zoom;
    /** @type {SVGSVGElement} */
    this.svg = plot.querySelector(".bars");
    /** @type {SVGAElement[]} */
    this.links = Array.from(this.svg.querySelectorAll(".bar-link"));
    /** @type {SVGElement[]} */
    this.ribbons = Array.from(this.svg.querySelectorAll(".ribbons path"));
    /** @type {Map<Element, number>} */
    this.shownRanks = new Map();
    /** @type {Map<Element, number>} Widths as shares of the timeline. */
    this.widths = new Map();
    /** @type {SVGElement[]} */
    this.marked = [];
    for (const link of this.links) {
      link.querySelector("title").remove(); // the tooltip says more
      this.widths.set(link, Number.parseFloat(link.firstElementChild.getAttribute("width")) / 100);
    }
    this.recolour();
  }

  /** Update the class and the label of each bar and ribbon. */
  recolour() {
    const { ranks } = this.state.classification;
    for (const element of [...this.links, ...this.ribbons]) {
      const rank = ranks[Number(element.dataset.index)];
      if (this.shownRanks.get(element) === rank) continue;
      this.shownRanks.set(element, rank);
      const [op, severity] = [opOf(rank), severityOf(rank)];
      element.classList.remove(...CLASSES);
      element.classList.add(op);
      if (element.localName === "path") continue;
      if (severity) element.classList.add(severity);
      element.dataset.op = op;
      element.tabIndex = op === "equal" ? -1 : 0;
      const side = /** @type {Side} */ (element.dataset.side);
      const segment = { ...this.state.script.segments[Number(element.dataset.index)], op };
      element.setAttribute("aria-label", `${title(segment)}. ${side.toUpperCase()} ${between(segment[side])}`);
    }
  }

  /** @param {number} width */
  draw(width) {
    const { zoom } = this;
    const scale = zoom.duration / zoom.length;
    this.svg.setAttribute("x", `${-100 * scale * (zoom.start / zoom.duration)}%`);
    this.svg.setAttribute("width", `${100 * scale}%`);
    if (this.drawnWidth === width * scale) return;
    this.drawnWidth = width * scale;
    for (const link of this.links) {
      link.classList.toggle("sliver", this.widths.get(link) * this.drawnWidth < LEAST_PIXELS + 2);
    }
  }

  /**
   * Mark the stored segments from `first` until `end`.
   * @param {number} first
   * @param {number} end
   */
  mark(first, end) {
    for (const element of this.marked) element.classList.remove("current");
    this.marked = [...this.links, ...this.ribbons].filter(
      ({ dataset }) => Number(dataset.index) >= first && Number(dataset.index) < end,
    );
    for (const element of this.marked) element.classList.add("current");
  }
}
