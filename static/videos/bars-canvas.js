// Bars and ribbons on a canvas: for scripts of more than some dozens of segments, whose elements would zoom slowly.
import { onTheme, palette } from "./palette.js";
import { opOf, severityOf } from "./ranks.js";
import { joined, joints, ribbons, stripes } from "./stripes.js";
import { LETTERS } from "./words.js";

const HEIGHT = 120;
const LANES = { a: 22, b: 90 };
const [BAR, UPPER, LOWER] = [20, 44, 88];
const RIBBON_ALPHA = { equal: 0.16, other: 0.26, current: 0.5 };
const [WOVEN_FROM, LETTER_FROM, ROUND_FROM] = [5, 16, 8]; // pixels

export class CanvasBars {
  constructor(field, cut, zoom, redraw) {
    this.cut = cut;
    this.zoom = zoom;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "canvas";
    field.prepend(this.canvas);
    field.querySelector(".clip").remove();
    this.pen = this.canvas.getContext("2d");
    this.current = [-1, -1];
    this.shapes = 0;
    this.joints = joints(cut.script.segments);
    onTheme(redraw);
    this.recolour();
  }

  recolour() {
    this.joined = joined(this.joints, this.cut.told.ranks);
  }

  /** Mark the stored segments from `first` until `after`. */
  mark(first, after) {
    this.current = [first, after];
  }

  draw(width) {
    this.colours = palette();
    const { pen, canvas } = this;
    const density = Math.min(devicePixelRatio, 2);
    if (canvas.width !== Math.round(width * density)) {
      canvas.width = Math.round(width * density);
      canvas.height = HEIGHT * density;
    }
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, width, HEIGHT);
    this.shapes = this.#ribbons(width);
    for (const side of ["a", "b"]) this.shapes += drawLane(pen, this.cut.lanes[side], this.zoom, { width, y: LANES[side], height: BAR, colours: this.colours, adorned: true });
    canvas.dataset.shapes = String(this.shapes);
  }

  #ribbons(width) {
    const { pen, colours, joined } = this;
    const [first, after] = this.current;
    const found = ribbons(joined, this.zoom, width);
    let before = null;
    for (const ribbon of found) {
      const op = opOf(ribbon.rank);
      const stored = joined.firsts[ribbon.place];
      const manner = stored >= first && stored < after ? "current" : op;
      if (manner !== before) {
        pen.globalAlpha = RIBBON_ALPHA[manner] ?? RIBBON_ALPHA.other;
        pen.fillStyle = colours.fills[op].high;
        before = manner;
      }
      trace(pen, ribbon); // one by one: a path of hundreds takes several times as long
    }
    pen.globalAlpha = 1;
    return found.length;
  }
}

/** Draw one lane; returns how many shapes that took. */
export function drawLane(pen, lane, zoom, { width, y, height, colours, adorned = false }) {
  const { covered, differences } = stripes(lane, zoom, width);
  pen.fillStyle = colours.fills.equal.high;
  for (const { from, to } of covered) pen.fillRect(from, y, to - from, height);
  for (const stripe of differences) {
    const op = opOf(stripe.rank);
    const wide = adorned && stripe.width >= ROUND_FROM;
    if (wide) {
      pen.fillStyle = colours.surface; // what separates it from its neighbours
      pen.fillRect(stripe.x - 1, y, stripe.width + 2, height);
    }
    pen.fillStyle = colours.fills[op][severityOf(stripe.rank) ?? "high"];
    if (wide) {
      pen.beginPath();
      pen.roundRect(stripe.x + 0.5, y, stripe.width - 1, height, 3);
      pen.fill();
    } else {
      pen.fillRect(stripe.x, y, stripe.width, height);
    }
    if (adorned && stripe.width >= WOVEN_FROM) weave(pen, stripe, op, y, height, colours);
  }
  return covered.length + differences.length;
}

function weave(pen, { x, width }, op, y, height, colours) {
  pen.globalAlpha = 0.24;
  pen.fillStyle = pen.createPattern(colours.patterns[op], "repeat");
  pen.fillRect(x, y, width, height);
  pen.globalAlpha = 1;
  if (width < LETTER_FROM) return;
  pen.fillStyle = colours.onOp;
  pen.font = "700 10.5px Inter, system-ui, sans-serif";
  pen.textAlign = "center";
  pen.fillText(LETTERS[op], x + width / 2, y + 14);
}

function trace(pen, { a0, a1, b0, b1 }) {
  const middle = (UPPER + LOWER) / 2;
  pen.beginPath();
  pen.moveTo(a0, UPPER);
  pen.lineTo(a1, UPPER);
  pen.bezierCurveTo(a1, middle, b1, middle, b1, LOWER);
  pen.lineTo(b0, LOWER);
  pen.bezierCurveTo(b0, middle, a0, middle, a0, UPPER);
  pen.fill();
}
