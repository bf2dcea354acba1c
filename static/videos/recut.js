// A stored script as another threshold shows it, as videos/diff/recut.py cuts it. Pure: no page, no player.

const OPS = { e: "equal", c: "changed", i: "inserted", d: "deleted", m: "moved" };
const SAME = 1e-6;
const [MEDIUM_FROM, HIGH_FROM] = [1.5, 3]; // distance over threshold
const [MEDIUM_SHARE, HIGH_SHARE] = [0.02, 0.1]; // of the longer video

/** Rows of the page's data as segments: {op, a, b, distance, regions, pictured}. */
export function unpack(rows) {
  return rows.map(([op, a, b, distance, boxes, pictured]) => ({
    op: OPS[op],
    a: a || null,
    b: b || null,
    distance,
    regions: (boxes || []).map(([x, y, width, height]) => ({ x, y, width, height })),
    pictured: Boolean(pictured),
  }));
}

/**
 * What is shown of `script` ({duration_a, duration_b, mode, similarity, calibrated, segments}) at `threshold`:
 * {threshold, segments, told, differing, similarity}. `told` has an {op, severity} for each stored segment; the shown
 * ones know by `index` which stored one they begin with.
 */
export function recut(script, threshold = script.calibrated) {
  const longest = Math.max(script.duration_a, script.duration_b);
  const stands = Math.abs(threshold - script.calibrated) <= SAME;
  const told = script.segments.map((segment) => {
    const matched = segment.op === "equal" || segment.op === "changed";
    const op = stands || !matched ? segment.op : segment.distance >= threshold ? "changed" : "equal";
    return { op, severity: severity(segment, op, threshold, longest) };
  });
  const segments = [];
  for (const [index, stored] of script.segments.entries()) {
    const segment = { ...stored, ...told[index], index };
    const before = segments.at(-1);
    if (segment.op === "equal") segment.regions = [];
    if (script.mode !== "interval" && before && continues(before, segment)) {
      before.a = [before.a[0], segment.a[1]];
      before.b = [before.b[0], segment.b[1]];
      before.distance = Math.max(before.distance ?? 0, segment.distance ?? 0);
    } else {
      segments.push(segment);
    }
  }
  return {
    threshold,
    told,
    segments,
    differing: segments.filter((segment) => segment.op !== "equal").length,
    similarity: script.mode === "interval" ? script.similarity : similarity(script, segments),
  };
}

function continues(one, other) {
  return one.op === "equal" && other.op === "equal" && one.a[1] === other.a[0] && one.b[1] === other.b[0];
}

function severity(segment, op, threshold, longest) {
  if (op === "equal") return null;
  if (op === "changed") {
    const ratio = Math.round(((segment.distance ?? 0) / threshold) * 1e6) / 1e6;
    return ratio < MEDIUM_FROM ? "low" : ratio < HIGH_FROM ? "medium" : "high";
  }
  const share = Math.max(length(segment.a), length(segment.b)) / longest;
  return share < MEDIUM_SHARE ? "low" : share < HIGH_SHARE ? "medium" : "high";
}

function similarity({ duration_a, duration_b }, segments) {
  const total = duration_a + duration_b;
  let equal = 0;
  for (const segment of segments) if (segment.op === "equal") equal += length(segment.a) + length(segment.b);
  return total > 0 ? Math.min(100, (100 * equal) / total) : 100;
}

function length(interval) {
  return interval ? interval[1] - interval[0] : 0;
}
