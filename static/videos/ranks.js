// What each stored segment is at a threshold, op and severity as one number each, so that ten thousand of them follow the
// slider within a frame. Pure: no page.

const OPS = ["equal", "moved", "changed", "inserted", "deleted"];
const SEVERITIES = [null, "low", "medium", "high"];
const SAME = 1e-6;
const [MEDIUM_FROM, HIGH_FROM] = [1.5, 3]; // distance over threshold
const [MEDIUM_SHARE, HIGH_SHARE] = [0.02, 0.1]; // of the longer video

export const DIFFERS_FROM = 4; // ranks below are of what is equal

export const opOf = (rank) => OPS[rank >> 2];
export const severityOf = (rank) => SEVERITIES[rank & 3];
const rankOf = (op, severity) => OPS.indexOf(op) * 4 + SEVERITIES.indexOf(severity);

const [EQUAL, CHANGED] = [rankOf("equal", null), rankOf("changed", null)];

export class Ranks {
  /** `script`: {duration_a, duration_b, mode, similarity, calibrated, segments}, the segments as `unpack` makes them. */
  constructor({ duration_a, duration_b, mode, similarity, calibrated, segments }) {
    const longest = Math.max(duration_a, duration_b);
    this.total = duration_a + duration_b;
    this.similarity = mode === "interval" ? similarity : null; // which no threshold moves
    this.calibrated = calibrated;
    this.stored = Uint8Array.from(segments, ({ op, a, b }) => rankOf(op, matched(op) ? null : severityOfShare(Math.max(length(a), length(b)) / longest)));
    this.distances = Float64Array.from(segments, ({ op, distance }) => (matched(op) ? (distance ?? 0) : NaN));
    this.lengths = Float64Array.from(segments, ({ a, b }) => length(a) + length(b));
  }

  /** {threshold, ranks, differing, similarity} at `threshold`; `ranks` has one for each stored segment. */
  at(threshold) {
    const { stored, distances, lengths } = this;
    const stands = Math.abs(threshold - this.calibrated) <= SAME;
    const ranks = Uint8Array.from(stored);
    let [differing, equal] = [0, 0];
    for (let index = 0; index < ranks.length; index += 1) {
      const distance = distances[index];
      if (!Number.isNaN(distance)) {
        const changed = stands ? stored[index] === CHANGED : distance >= threshold;
        ranks[index] = changed ? CHANGED + strength(distance / threshold) : EQUAL;
      }
      if (ranks[index] < DIFFERS_FROM) equal += lengths[index];
      else differing += 1;
    }
    const similarity = this.total > 0 ? Math.min(100, (100 * equal) / this.total) : 100;
    return { threshold, ranks, differing, similarity: this.similarity ?? similarity };
  }
}

function matched(op) {
  return op === "equal" || op === "changed";
}

/** The place in SEVERITIES of a change. */
function strength(ratio) {
  const rounded = Math.round(ratio * 1e6) / 1e6;
  return rounded < MEDIUM_FROM ? 1 : rounded < HIGH_FROM ? 2 : 3;
}

function severityOfShare(share) {
  return share < MEDIUM_SHARE ? "low" : share < HIGH_SHARE ? "medium" : "high";
}

function length(interval) {
  return interval ? interval[1] - interval[0] : 0;
}
