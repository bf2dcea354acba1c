// @ts-check
// Apply another threshold to a stored edit script, as videos/diff/script/rethreshold.py does.
import { SIDES } from "./alignment.js";
import { OP_CODES } from "./constants.js";
import { opOf, SegmentClassifier, severityOf } from "./severities.js";

/** @type {Record<string, Op>} */
const OPS = Object.fromEntries(Object.entries(OP_CODES).map(([op, code]) => [code, /** @type {Op} */ (op)]));

/**
 * @typedef {object} EditScript
 * @property {number} duration_a Seconds.
 * @property {number} duration_b Seconds.
 * @property {string} mode
 * @property {number} similarity Percent.
 * @property {number} calibrated The threshold that the comparison itself chose.
 * @property {number} [saved] The threshold that the owner saved.
 * @property {number} [threshold] The threshold with which the page opens.
 * @property {{kind: string, value?: any}[]} [transforms]
 * @property {Segment[]} segments
 */

/**
 * Return the segments of the page's compact rows `[op, a, b, distance, boxes, pictured, alsoAt, kind, texts, frames]`.
 * @param {any[][]} rows
 * @returns {Segment[]}
 */
export function unpackSegments(rows) {
  return rows.map(([op, a, b, distance, boxes, pictured, alsoAt, kind, texts, frames]) => ({
    op: OPS[op],
    a: a || null,
    b: b || null,
    distance,
    regions: (boxes || []).map(unpackRegion),
    pictured: Boolean(pictured),
    alsoAt,
    kind,
    texts: texts || null,
    frames: frames || 0,
  }));
}

/**
 * @param {any[]} row x, y, width, height, and the keyframes of a change that moves.
 * @returns {Region}
 */
function unpackRegion([x, y, width, height, keyframes]) {
  return { x, y, width, height, ...(keyframes && { keyframes }) };
}

/**
 * Return what is shown of a script at `threshold`. Each segment has the `index` of the first stored segment in it. A segment
 * that one side lacks has `follows`, the seconds on that side at which it would be.
 * @param {EditScript} script
 * @param {number} [threshold]
 * @param {Classification} [classification] Of the stored segments at that threshold, if it is known.
 * @returns {Classification & {segments: Segment[]}}
 */
export function rethreshold(
  script,
  threshold = script.calibrated,
  classification = new SegmentClassifier(script).classify(threshold),
) {
  const { ranks } = classification;
  /** @type {Segment[]} */
  const segments = [];
  const ends = { a: 0, b: 0 };
  /** @type {Segment} */
  let last = null;
  for (const [index, stored] of script.segments.entries()) {
    const follows = stored.a && stored.b ? null : ends[stored.a ? "b" : "a"];
    for (const side of SIDES) if (stored[side] && stored.op !== "moved") ends[side] = stored[side][1];
    const op = opOf(ranks[index]);
    if (op === "equal" && script.mode !== "interval" && last && continues(last, stored)) {
      last.a = [last.a[0], stored.a[1]];
      last.b = [last.b[0], stored.b[1]];
      last.distance = Math.max(last.distance ?? 0, stored.distance ?? 0);
      continue;
    }
    const hasRegions = op !== "equal" && (op !== "moved" || (stored.distance ?? 0) >= threshold);
    const regions = hasRegions ? stored.regions : [];
    const kind = (hasRegions && stored.kind) || (op === "changed" ? "other" : null);
    last = { ...stored, op, severity: severityOf(ranks[index]), regions, kind, index, follows };
    segments.push(last);
  }
  return { ...classification, segments };
}

/**
 * Return whether an equal segment continues without a gap on both sides.
 * @param {Segment} one
 * @param {Segment} other
 */
function continues(one, other) {
  return one.op === "equal" && one.a[1] === other.a[0] && one.b[1] === other.b[0];
}
