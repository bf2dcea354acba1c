// What there is to draw of lanes and ribbons, in pixels, however many segments there are: at most a stripe for every few
// pixels. Pure: no page.
import { DIFFERS_FROM, opOf } from "./ranks.js";

export const LEAST_PIXELS = 3; // no difference is drawn narrower
const NARROW = 6; // pixels: of ribbons, which are slow to draw
const MOST_RIBBONS = 600;

/** The segments of one side by time: {places, starts, ends}. */
export function order(segments, side) {
  const places = Int32Array.from(segments.keys()).filter((place) => segments[place][side]);
  places.sort((one, other) => segments[one][side][0] - segments[other][side][0]);
  return {
    places,
    starts: Float64Array.from(places, (place) => segments[place][side][0]),
    ends: Float64Array.from(places, (place) => segments[place][side][1]),
  };
}

/** What is seen of an order: {starts, ends, ranks}. */
export function lane({ places, starts, ends }, ranks) {
  return { starts, ends, ranks: places.map((place) => ranks[place]) };
}

/**
 * Stripes of the differences of a lane over `width` pixels, {x, width, rank, longest}, and of what it covers at all.
 * Where several differences share a stripe, the longest is seen.
 */
export function stripes({ starts, ends, ranks }, zoom, width) {
  const scale = width / zoom.length;
  const differences = [];
  const covered = [];
  let last = null;
  for (let index = firstAfter(ends, zoom.start); index < starts.length && starts[index] < zoom.end; index += 1) {
    const from = (starts[index] - zoom.start) * scale;
    const to = (ends[index] - zoom.start) * scale;
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
 * Ribbons in pixels, {a0, a1, b0, b1, rank, place}. Where they would be too narrow to tell, those that continue each other
 * are one, of the colour of its longest difference; of moved ones that lie as close, one is drawn.
 */
export function ribbons(joints, zoom, width) {
  const scale = width / zoom.length;
  const { start } = zoom;
  const { a, b, ranks } = joints;
  const found = [];
  const moved = new Set();
  let last = null;
  for (let place = 0; place < ranks.length; place += 1) {
    const a1 = (a[2 * place + 1] - start) * scale;
    const b1 = (b[2 * place + 1] - start) * scale;
    if (a1 < 0 && b1 < 0) continue;
    const a0 = (a[2 * place] - start) * scale;
    const b0 = (b[2 * place] - start) * scale;
    if (a0 > width && b0 > width) continue;
    const strength = ranks[place];
    const length = Math.max(a1 - a0, b1 - b0);
    const isMoved = opOf(strength) === "moved";
    if (isMoved && length < NARROW) {
      const spot = Math.round(a0 / NARROW) * 65536 + Math.round(b0 / NARROW);
      if (moved.has(spot)) continue;
      moved.add(spot);
    } else if (last && !isMoved && Math.max(a1 - last.a0, b1 - last.b0) < NARROW && Math.abs(a0 - last.a1) < 1 && Math.abs(b0 - last.b1) < 1) {
      Object.assign(last, { a1, b1 });
      if (strength >= DIFFERS_FROM && length > last.longest) Object.assign(last, { rank: strength, longest: length });
      continue;
    }
    if (found.length === MOST_RIBBONS) break;
    const ribbon = { a0, a1, b0, b1, rank: strength, place, longest: strength < DIFFERS_FROM ? 0 : length };
    found.push(ribbon);
    if (!isMoved) last = ribbon;
  }
  return found;
}

/**
 * Where each segment joins the lanes, as {a, b, goesOn}, two seconds for each in `a` and in `b`: one that a side lacks narrows
 * to the point where it would stand there. `goesOn` says which begins on both sides where the one before it ends.
 */
export function joints(segments) {
  const found = { a: new Float64Array(2 * segments.length), b: new Float64Array(2 * segments.length), goesOn: new Uint8Array(segments.length) };
  const last = { a: 0, b: 0 };
  for (const [place, segment] of segments.entries()) {
    const before = segments[place - 1];
    found.goesOn[place] = Number(Boolean(before?.a && before.b && segment.a?.[0] === before.a[1] && segment.b?.[0] === before.b[1]));
    for (const side of ["a", "b"]) {
      const span = segment[side] ?? [last[side], last[side]];
      found[side].set(span, 2 * place);
      if (segment.op !== "moved") last[side] = span[1];
    }
  }
  return found;
}

/** Joints with their ranks, {a, b, ranks, firsts}: equal ones that go on are one, which knows its first segment. */
export function joined({ a, b, goesOn }, ranks) {
  const found = { a: new Float64Array(a.length), b: new Float64Array(b.length), ranks: new Uint8Array(ranks.length), firsts: new Int32Array(ranks.length) };
  let count = 0;
  for (let place = 0; place < ranks.length; place += 1) {
    const isMore = goesOn[place] && ranks[place] < DIFFERS_FROM && ranks[place - 1] < DIFFERS_FROM;
    const at = isMore ? count - 1 : count;
    for (const [side, spans] of [[found.a, a], [found.b, b]]) {
      if (!isMore) side[2 * at] = spans[2 * place];
      side[2 * at + 1] = spans[2 * place + 1];
    }
    if (isMore) continue;
    found.ranks[at] = ranks[place];
    found.firsts[at] = place;
    count += 1;
  }
  return { a: found.a, b: found.b, ranks: found.ranks.subarray(0, count), firsts: found.firsts.subarray(0, count) };
}

/** The first place whose value is greater than `limit`. */
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
