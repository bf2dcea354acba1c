// What there is to draw of lanes and ribbons, in pixels, however many segments there are: at most a stripe for every few
// pixels. Pure: no page.

export const LEAST_PIXELS = 3; // no difference is drawn narrower
const OPS = ["equal", "moved", "changed", "inserted", "deleted"]; // where several share a pixel, the last of them is seen
const SEVERITIES = [null, "low", "medium", "high"];
const MOST_RIBBONS = 1500;

/** The shown segments of one side by time: {starts, ends, ranks, places}; `places` are those in `segments`. */
export function lane(segments, side) {
  const here = [...segments.keys()].filter((place) => segments[place][side]);
  here.sort((one, other) => segments[one][side][0] - segments[other][side][0]);
  return {
    starts: Float64Array.from(here, (place) => segments[place][side][0]),
    ends: Float64Array.from(here, (place) => segments[place][side][1]),
    ranks: Uint8Array.from(here, (place) => rank(segments[place])),
    places: Int32Array.from(here),
  };
}

/** How strongly a segment is seen; `opOf` and `severityOf` read it back. */
function rank({ op, severity }) {
  return OPS.indexOf(op) * 4 + SEVERITIES.indexOf(severity);
}

export const opOf = (number) => OPS[number >> 2];
export const severityOf = (number) => SEVERITIES[number & 3];

/** Stripes of the differences of a lane over `width` pixels, {x, width, rank, place}, and of what it covers at all. */
export function stripes({ starts, ends, ranks, places }, zoom, width) {
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
    if (ranks[index] < 4) continue;
    if (last && to <= last.x + last.width) {
      if (ranks[index] > last.rank) Object.assign(last, { rank: ranks[index], place: places[index] });
      continue;
    }
    const x = last ? Math.max(from, last.x + last.width) : from;
    last = { x, width: Math.max(to - x, LEAST_PIXELS), rank: ranks[index], place: places[index] };
    differences.push(last);
  }
  return { covered, differences };
}

/** Ribbons in pixels, {a0, a1, b0, b1, rank}: runs that continue each other are one where they would be too narrow to tell. */
export function ribbons(joints, zoom, width) {
  const scale = width / zoom.length;
  const found = [];
  let last = null;
  for (const { a, b, rank: strength, place } of joints) {
    const [a0, a1, b0, b1] = [a[0], a[1], b[0], b[1]].map((at) => (at - zoom.start) * scale);
    if (Math.max(a1, b1) < 0 || Math.min(a0, b0) > width) {
      last = null;
      continue;
    }
    const narrow = last && Math.max(a1 - last.a0, b1 - last.b0) < LEAST_PIXELS;
    if (narrow && Math.abs(a0 - last.a1) < 0.5 && Math.abs(b0 - last.b1) < 0.5) {
      Object.assign(last, { a1, b1, rank: Math.max(last.rank, strength) });
      continue;
    }
    if (found.length === MOST_RIBBONS) break;
    last = { a0, a1, b0, b1, rank: strength, place };
    found.push(last);
  }
  return found;
}

/** Where each segment joins the lanes: one that a side lacks narrows to the point where it would stand there. */
export function joints(segments) {
  const last = { a: 0, b: 0 };
  return segments.map((segment, place) => {
    const a = segment.a ?? [last.a, last.a];
    const b = segment.b ?? [last.b, last.b];
    if (segment.op !== "moved") [last.a, last.b] = [a[1], b[1]];
    return { a, b, rank: rank(segment), place };
  });
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
