// @ts-check
// Draw bars and ribbons on a canvas, for scripts with so many segments that SVG elements would zoom slowly.
import { getPalette, onThemeChange } from "../../../sage/palette.js";
import { LETTERS } from "../script/constants.js";
import { opOf, severityOf } from "../script/severities.js";
import { findRibbonEdges, layOutLane, layOutRibbons, mergeEqualEdges } from "./timeline-layout.js";

// Pixels.
const HEIGHT = 120;
const LANE_TOPS = /** @type {const} */ ({ a: 22, b: 90 });
const [LANE_HEIGHT, RIBBON_TOP, RIBBON_BOTTOM] = [20, 44, 88];
const [PATTERN_FROM, LETTER_FROM, ROUND_FROM] = [5, 16, 8]; // bars from these widths have a pattern, a letter, corners

/** @type {Record<string, number>} */
const RIBBON_ALPHA = { equal: 0.16, other: 0.26, current: 0.5 };

export class CanvasTimeline {
  /**
   * @param {HTMLElement} plot
   * @param {ScriptState} state
   * @param {TimelineZoom} zoom
   * @param {() => void} redraw
   */
  constructor(plot, state, zoom, redraw) {
    this.state = state;
    this.zoom = zoom;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "canvas";
    plot.prepend(this.canvas);
    plot.querySelector(".clip").remove();
    this.context = this.canvas.getContext("2d");
    this.current = [-1, -1];
    this.edges = findRibbonEdges(state.script.segments);
    onThemeChange(redraw);
    this.recolour();
  }

  recolour() {
    this.merged = mergeEqualEdges(this.edges, this.state.classification.ranks);
  }

  /**
   * Mark the stored segments from `first` until `end`.
   * @param {number} first
   * @param {number} end
   */
  mark(first, end) {
    this.current = [first, end];
  }

  /** @param {number} width */
  draw(width) {
    const { context, canvas } = this;
    const colours = getPalette();
    const density = Math.min(devicePixelRatio, 2);
    if (canvas.width !== Math.round(width * density)) {
      canvas.width = Math.round(width * density);
      canvas.height = HEIGHT * density;
    }
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, HEIGHT);
    let shapes = this.#drawRibbons(width, colours);
    for (const side of /** @type {const} */ (["a", "b"])) {
      const options = { width, y: LANE_TOPS[side], height: LANE_HEIGHT, colours, decorated: true };
      shapes += drawLane(context, this.state.lanes[side], this.zoom, options);
    }
    canvas.dataset.shapes = String(shapes);
  }

  /**
   * @param {number} width
   * @param {Palette} colours
   */
  #drawRibbons(width, colours) {
    const { context, merged } = this;
    const [first, end] = this.current;
    const ribbons = layOutRibbons(merged, this.zoom, width);
    let lastStyle = null;
    for (const ribbon of ribbons) {
      const op = opOf(ribbon.rank);
      const index = merged.firsts[ribbon.place];
      const style = index >= first && index < end ? "current" : op;
      if (style !== lastStyle) {
        context.globalAlpha = RIBBON_ALPHA[style] ?? RIBBON_ALPHA.other;
        context.fillStyle = colours.fills[op].high;
        lastStyle = style;
      }
      fillRibbon(context, ribbon); // one by one: a path of hundreds takes several times as long
    }
    context.globalAlpha = 1;
    return ribbons.length;
  }
}

/**
 * Draw one lane and return the number of shapes.
 * @param {CanvasRenderingContext2D} context
 * @param {Lane} lane
 * @param {TimeRange} range
 * @param {{width: number, y: number, height: number, colours: Palette, decorated?: boolean}} options
 *   In pixels; decorated lanes have gaps, round corners, patterns and letters.
 */
export function drawLane(context, lane, range, { width, y, height, colours, decorated = false }) {
  const { covered, differences } = layOutLane(lane, range, width);
  context.fillStyle = colours.fills.equal.high;
  for (const { from, to } of covered) context.fillRect(from, y, to - from, height);
  for (const bar of differences) {
    const op = opOf(bar.rank);
    const isRound = decorated && bar.width >= ROUND_FROM;
    if (isRound) {
      context.fillStyle = colours.surface; // a gap to the neighbouring bars
      context.fillRect(bar.x - 1, y, bar.width + 2, height);
    }
    context.fillStyle = colours.fills[op][severityOf(bar.rank) ?? "high"];
    if (isRound) {
      context.beginPath();
      context.roundRect(bar.x + 0.5, y, bar.width - 1, height, 3);
      context.fill();
    } else {
      context.fillRect(bar.x, y, bar.width, height);
    }
    if (decorated && bar.width >= PATTERN_FROM) drawPattern(context, bar, op, y, height, colours);
  }
  return covered.length + differences.length;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Bar} bar
 * @param {Op} op
 * @param {number} y
 * @param {number} height
 * @param {Palette} colours
 */
function drawPattern(context, { x, width }, op, y, height, colours) {
  context.globalAlpha = 0.24;
  context.fillStyle = context.createPattern(colours.patterns[op], "repeat");
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
  if (width < LETTER_FROM) return;
  context.fillStyle = colours.onOp;
  context.font = "700 10.5px Inter, system-ui, sans-serif";
  context.textAlign = "center";
  context.fillText(LETTERS[op], x + width / 2, y + 14);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ribbon} ribbon
 */
function fillRibbon(context, { a0, a1, b0, b1 }) {
  const middle = (RIBBON_TOP + RIBBON_BOTTOM) / 2;
  context.beginPath();
  context.moveTo(a0, RIBBON_TOP);
  context.lineTo(a1, RIBBON_TOP);
  context.bezierCurveTo(a1, middle, b1, middle, b1, RIBBON_BOTTOM);
  context.lineTo(b0, RIBBON_BOTTOM);
  context.bezierCurveTo(b0, middle, a0, middle, a0, RIBBON_TOP);
  context.fill();
}
