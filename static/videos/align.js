// Time between the two sides, by the segments of the edit script. Pure: no page, no player.
//
// The walk is one line of time that goes through the script in order, so that everything is seen once. In a segment
// that has a part in B, B leads; in a deleted one A leads and B holds the frame it showed last.

const OTHER = { a: "b", b: "a" };

export class Alignment {
  /** `segments`: [{op, a: [start, end] | null, b: …}] in B's order. */
  constructor(segments) {
    const held = { a: 0, b: 0 };
    let begin = 0;
    this.steps = segments.map((segment, index) => {
      const lead = segment.b ? "b" : "a";
      const length = segment[lead][1] - segment[lead][0];
      const step = { index, segment, op: segment.op, a: segment.a, b: segment.b, lead, begin, length, held: { ...held } };
      for (const side of ["a", "b"]) {
        if (segment[side] && segment.op !== "moved") held[side] = segment[side][1];
      }
      begin += length;
      return step;
    });
    this.length = begin;
    this.bySide = {};
    for (const side of ["a", "b"]) {
      this.bySide[side] = this.steps.filter((step) => step[side]).sort((one, two) => one[side][0] - two[side][0]);
    }
  }

  /** The step that the walk is in at `walk` seconds. */
  step(walk) {
    return lastWhere(this.steps, (step) => step.begin <= walk) ?? this.steps[0];
  }

  /** Where both sides are at `walk` seconds; `absent` names the side that has nothing there. */
  place(walk) {
    const within = Math.min(Math.max(walk, 0), this.length);
    const step = this.step(within);
    const share = step.length > 0 ? (within - step.begin) / step.length : 0;
    const absent = step.a ? (step.b ? null : "b") : "a";
    return { walk: within, step, absent, a: this.#at(step, "a", share), b: this.#at(step, "b", share) };
  }

  /** The walk at `seconds` of one side. */
  fromSide(side, seconds) {
    const steps = this.bySide[side];
    if (!steps.length) return 0;
    const step = lastWhere(steps, (candidate) => candidate[side][0] <= seconds) ?? steps[0];
    const [start, end] = step[side];
    const share = end > start ? Math.min(Math.max((seconds - start) / (end - start), 0), 1) : 0;
    return step.begin + share * step.length;
  }

  /** How fast the side that follows runs while the leading one runs at 1. */
  ratio(step) {
    const follower = step[OTHER[step.lead]];
    return follower && step.length > 0 ? (follower[1] - follower[0]) / step.length : 1;
  }

  /** The begin of the next difference after `walk`, or of the one before it; null where there is none. */
  difference(walk, direction) {
    const begins = this.steps.filter((step) => step.op !== "equal").map((step) => step.begin);
    return (direction > 0 ? begins.find((begin) => begin > walk + 0.01) : begins.findLast((begin) => begin < walk - 0.25)) ?? null;
  }

  #at(step, side, share) {
    if (!step[side]) return Math.max(0, step.held[side] - 0.0005); // just before its end: the last frame of what it showed
    return step[side][0] + share * (step[side][1] - step[side][0]);
  }
}

/** The last element of a list for which `holds`, where those come first. */
function lastWhere(list, holds) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle])) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}

/** The number of the frame that is shown at `seconds`, given the second at which each frame appears. */
export function frameAt(times, seconds) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= seconds + 0.0004) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
