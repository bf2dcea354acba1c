// A stored script as another threshold shows it, as videos/diff/recut.py cuts it. Pure: no page, no player.
import { Ranks, opOf, severityOf } from "./ranks.js";

const OPS = { e: "equal", c: "changed", i: "inserted", d: "deleted", m: "moved" };

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
 * {threshold, segments, ranks, differing, similarity}; `told` are its ranks there, where they are known. The segments know
 * by `index` which stored one they begin with.
 */
export function recut(script, threshold = script.calibrated, told = new Ranks(script).at(threshold)) {
  const segments = [];
  let before = null;
  for (const [index, stored] of script.segments.entries()) {
    const op = opOf(told.ranks[index]);
    if (op === "equal" && script.mode !== "interval" && before && continues(before, stored)) {
      before.a = [before.a[0], stored.a[1]];
      before.b = [before.b[0], stored.b[1]];
      before.distance = Math.max(before.distance ?? 0, stored.distance ?? 0);
      continue;
    }
    const isTold = op !== "equal" && (op !== "moved" || (stored.distance ?? 0) >= threshold);
    before = { ...stored, op, severity: severityOf(told.ranks[index]), regions: isTold ? stored.regions : [], index };
    segments.push(before);
  }
  return { ...told, segments };
}

function continues(one, other) {
  return one.op === "equal" && one.a[1] === other.a[0] && one.b[1] === other.b[0];
}
