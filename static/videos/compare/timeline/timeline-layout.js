// @ts-check
// Compute the shapes of lanes and ribbons in pixels. Their number grows with the pixels, not with the segments.
import { DIFFERS_FROM, opOf } from "../script/severities.js";

/** @typedef {{start: number, end: number, length: number}} TimeRange Seconds of the timeline that are shown. */
/** @typedef {{x: number, width: number, rank: number, longest: number}} Bar A difference on a lane, in pixels. */

/**
 * @typedef {object} Ribbon Joins the two places of a segment, in pixels.
 * @property {number} a0
 * @property {number} a1
 * @property {number} b0
 * @property {number} b1
 * @property {number} rank
 * @property {number} place Its place among the edges that it is made of.
 * @property {number} longest Pixels of its longest difference.
 */

/**
 * @typedef {object} RibbonEdges Two seconds for each segment in `a` and in `b`.
 * @property {Float64Array} a
 * @property {Float64Array} b
 * @property {Uint8Array} continues 1 where a segment begins on both sides at the end of the one before it.
 */

/** @typedef {{a: Float64Array, b: Float64Array, ranks: Uint8Array, firsts: Int32Array}} MergedEdges */

export const LEAST_PIXELS = 3; // no difference is drawn narrower
const NARROW_PIXELS = 6; // ribbons below this are merged, since they are slow to draw
const MOST_RIBBONS = 600;

/**
 * Return the bars of the differences of a lane over `width` pixels, and the ranges that the lane covers at all.
 *
 * If several differences share a bar, it has the rank of the longest.
 * @param {Lane} lane
 * @param {TimeRange} range
 * @param {number} width
 */
export function layOutLane({ starts, ends, ranks }, range, width) {
  const scale = width / range.length;
  /** @type {Bar[]} */
  const differences = [];
  /** @type {{from: number, to: number}[]} */
  const covered = [];
  /** @type {Bar} */
  let last = null;
  for (let index = firstAfter(ends, range.start); index < starts.length && starts[index] < range.end; index += 1) {
    const from = (starts[index] - range.start) * scale;
    const to = (ends[index] - range.start) * scale;
    const run = covered.at(-1);
    if (run && from <= run.to + 0.5) run.to = Math.max(run.to, to);
    else covered.push({ from, to });
    if (ranks[index] < DIFFERS_FROM) continue;
    if (last && to <= last.x + last.width) {
      if (to - from > last.longest) Object.assign(last, { rank: ranks[index], longest: to - from });
      continue;
    }
    const x = last ? Math.max(from, last.x + last.width) : from;
    last = { x, width: Math.max(to - x, LEAST_PIXELS), rank: ranks[index], longest: to - from };
    differences.push(last);
  }
  return { covered, differences };
}

/**
 * Return the ribbons over `width` pixels.
 *
 * Narrow ribbons that continue each other are merged, with the rank of the longest difference. Of narrow moved ribbons
 * in the same spot, one is drawn.
 * @param {MergedEdges} edges
 * @param {TimeRange} range
 * @param {number} width
 */
export function layOutRibbons({ a, b, ranks }, range, width) {
  const scale = width / range.length;
  const { start } = range;
  /** @type {Ribbon[]} */
  const ribbons = [];
  const movedSpots = new Set();
  /** @type {Ribbon} */
  let last = null;
  for (let place = 0; place < ranks.length; place += 1) {
    const a1 = (a[2 * place + 1] - start) * scale;
    const b1 = (b[2 * place + 1] - start) * scale;
    if (a1 < 0 && b1 < 0) continue;
    const a0 = (a[2 * place] - start) * scale;
    const b0 = (b[2 * place] - start) * scale;
    if (a0 > width && b0 > width) continue;
    const rank = ranks[place];
    const length = Math.max(a1 - a0, b1 - b0);
    const isMoved = opOf(rank) === "moved";
    if (isMoved && length < NARROW_PIXELS) {
      const spot = Math.round(a0 / NARROW_PIXELS) * 65536 + Math.round(b0 / NARROW_PIXELS);
      if (movedSpots.has(spot)) continue;
      movedSpots.add(spot);
    } else if (last && !isMoved && canMerge(last, a0, a1, b0, b1)) {
      Object.assign(last, { a1, b1 });
      if (rank >= DIFFERS_FROM && length > last.longest) Object.assign(last, { rank, longest: length });
      continue;
    }
    if (ribbons.length === MOST_RIBBONS) break;
    const ribbon = { a0, a1, b0, b1, rank, place, longest: rank < DIFFERS_FROM ? 0 : length };
    ribbons.push(ribbon);
    if (!isMoved) last = ribbon;
  }
  return ribbons;
}

/**
 * Return whether a ribbon continues `last` and both together are narrow.
 * @param {Ribbon} last
 * @param {number} a0
 * @param {number} a1
 * @param {number} b0
 * @param {number} b1
 */
function canMerge(last, a0, a1, b0, b1) {
  const isNarrow = Math.max(a1 - last.a0, b1 - last.b0) < NARROW_PIXELS;
  return isNarrow && Math.abs(a0 - last.a1) < 1 && Math.abs(b0 - last.b1) < 1;
}

/**
 * Return where the ribbon of each segment meets the lanes.
 *
 * On a side that lacks the segment, the ribbon narrows to the point at which the segment would be.
 * @param {Segment[]} segments
 * @returns {RibbonEdges}
 */
export function findRibbonEdges(segments) {
  const count = segments.length;
  const edges = { a: new Float64Array(2 * count), b: new Float64Array(2 * count), continues: new Uint8Array(count) };
  const last = { a: 0, b: 0 };
  for (const [place, segment] of segments.entries()) {
    edges.continues[place] = Number(continuesOnBothSides(segments[place - 1], segment));
    for (const side of /** @type {const} */ (["a", "b"])) {
      const span = segment[side] ?? [last[side], last[side]];
      edges[side].set(span, 2 * place);
      if (segment.op !== "moved") last[side] = span[1];
    }
  }
  return edges;
}

/**
 * @param {Segment | undefined} previous
 * @param {Segment} segment
 */
function continuesOnBothSides(previous, segment) {
  if (!previous?.a || !previous.b) return false;
  return segment.a?.[0] === previous.a[1] && segment.b?.[0] === previous.b[1];
}

/**
 * Return the edges with their ranks. Equal segments that continue each other are merged; `firsts` has the place of the
 * first segment of each.
 * @param {RibbonEdges} edges
 * @param {Uint8Array} ranks
 * @returns {MergedEdges}
 */
export function mergeEqualEdges({ a, b, continues }, ranks) {
  const merged = {
    a: new Float64Array(a.length),
    b: new Float64Array(b.length),
    ranks: new Uint8Array(ranks.length),
    firsts: new Int32Array(ranks.length),
  };
  let count = 0;
  for (let place = 0; place < ranks.length; place += 1) {
    const isMerged = continues[place] && ranks[place] < DIFFERS_FROM && ranks[place - 1] < DIFFERS_FROM;
    const target = isMerged ? count - 1 : count;
    for (const [side, spans] of [
      [merged.a, a],
      [merged.b, b],
    ]) {
      if (!isMerged) side[2 * target] = spans[2 * place];
      side[2 * target + 1] = spans[2 * place + 1];
    }
    if (isMerged) continue;
    merged.ranks[target] = ranks[place];
    merged.firsts[target] = place;
    count += 1;
  }
  return {
    a: merged.a,
    b: merged.b,
    ranks: merged.ranks.subarray(0, count),
    firsts: merged.firsts.subarray(0, count),
  };
}

/**
 * Return the first place whose value is greater than `limit`.
 * @param {Float64Array} values In ascending order.
 * @param {number} limit
 */
function firstAfter(values, limit) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
