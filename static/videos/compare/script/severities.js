// @ts-check
// Classify each stored segment at a threshold. Op and severity are one number, the rank, so that ten thousand segments
// follow the slider within a frame.
import { HIGH_FROM, HIGH_SHARE, MEDIUM_FROM, MEDIUM_SHARE, THRESHOLD_TOLERANCE } from "./constants.js";

/** @typedef {"low" | "medium" | "high"} Severity */

/**
 * @typedef {object} Classification
 * @property {number} threshold
 * @property {Uint8Array} ranks One rank for each stored segment.
 * @property {number} differing The number of segments that differ.
 * @property {number} similarity Percent.
 */

/** @typedef {{places: Int32Array, starts: Float64Array, ends: Float64Array}} SideOrder Segments of one side by time. */
/** @typedef {{starts: Float64Array, ends: Float64Array, ranks: Uint8Array}} Lane Classified segments of one side. */

const OPS = /** @type {const} */ (["equal", "moved", "changed", "inserted", "deleted"]);
/** @type {(Severity | null)[]} */
const SEVERITIES = [null, "low", "medium", "high"];

export const DIFFERS_FROM = 4; // ranks below mean equal

/**
 * Return the op of a rank.
 * @param {number} rank
 */
export const opOf = (rank) => OPS[rank >> 2];

/**
 * Return the severity of a rank, or null for equal and moved segments.
 * @param {number} rank
 */
export const severityOf = (rank) => SEVERITIES[rank & 3];

/**
 * @param {typeof OPS[number]} op
 * @param {Severity | null} severity
 */
const rankOf = (op, severity) => OPS.indexOf(op) * 4 + SEVERITIES.indexOf(severity);

const [EQUAL, CHANGED] = [rankOf("equal", null), rankOf("changed", null)];

export class SegmentClassifier {
  /** @param {EditScript} script */
  constructor({ duration_a, duration_b, mode, similarity, calibrated, segments }) {
    const longest = Math.max(duration_a, duration_b);
    this.total = duration_a + duration_b;
    this.similarity = mode === "interval" ? similarity : null; // no threshold changes it
    this.calibrated = calibrated;
    this.stored = Uint8Array.from(segments, ({ op, a, b }) =>
      rankOf(op, isMatched(op) ? null : severityOfShare(Math.max(duration(a), duration(b)) / longest)),
    );
    this.distances = Float64Array.from(segments, ({ op, distance }) => (isMatched(op) ? (distance ?? 0) : NaN));
    this.durations = Float64Array.from(segments, ({ a, b }) => duration(a) + duration(b));
  }

  /**
   * Return the rank of each stored segment at `threshold`, and what follows from the ranks.
   * @param {number} threshold
   * @returns {Classification}
   */
  classify(threshold) {
    const { stored, distances, durations } = this;
    const isCalibrated = Math.abs(threshold - this.calibrated) <= THRESHOLD_TOLERANCE;
    const ranks = Uint8Array.from(stored);
    let [differing, equal] = [0, 0];
    for (let index = 0; index < ranks.length; index += 1) {
      const distance = distances[index];
      if (!Number.isNaN(distance)) {
        const changed = isCalibrated ? stored[index] === CHANGED : distance >= threshold;
        ranks[index] = changed ? CHANGED + severityIndex(distance / threshold) : EQUAL;
      }
      if (ranks[index] < DIFFERS_FROM) equal += durations[index];
      else differing += 1;
    }
    const similarity = this.total > 0 ? Math.min(100, (100 * equal) / this.total) : 100;
    return { threshold, ranks, differing, similarity: this.similarity ?? similarity };
  }
}

/**
 * Return the segments of one side in the order of time.
 * @param {Segment[]} segments
 * @param {Side} side
 * @returns {SideOrder}
 */
export function sortSegments(segments, side) {
  const places = Int32Array.from(segments.keys()).filter((place) => Boolean(segments[place][side]));
  places.sort((one, other) => segments[one][side][0] - segments[other][side][0]);
  return {
    places,
    starts: Float64Array.from(places, (place) => segments[place][side][0]),
    ends: Float64Array.from(places, (place) => segments[place][side][1]),
  };
}

/**
 * Return the lane of one side at the given ranks.
 * @param {SideOrder} order
 * @param {Uint8Array} ranks
 * @returns {Lane}
 */
export function buildLane({ places, starts, ends }, ranks) {
  return { starts, ends, ranks: Uint8Array.from(places, (place) => ranks[place]) };
}

/** @param {string} op */
function isMatched(op) {
  return op === "equal" || op === "changed";
}

/**
 * Return the place in SEVERITIES of a change.
 * @param {number} ratio Distance divided by threshold.
 */
function severityIndex(ratio) {
  const rounded = Math.round(ratio * 1e6) / 1e6;
  return rounded < MEDIUM_FROM ? 1 : rounded < HIGH_FROM ? 2 : 3;
}

/** @param {number} share Of the longer video. */
function severityOfShare(share) {
  return share < MEDIUM_SHARE ? "low" : share < HIGH_SHARE ? "medium" : "high";
}

/** @param {Interval | null} interval */
function duration(interval) {
  return interval ? interval[1] - interval[0] : 0;
}
