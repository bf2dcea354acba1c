// @ts-check
// Map times between the two sides of a comparison by the segments of its edit script.
//
// Script time runs through all segments in order, so that everything is shown once. In a segment that has a part in B,
// B leads. In a deleted segment A leads and B holds the last frame that it showed.

/** @typedef {"a" | "b"} Side */
/** @typedef {"equal" | "changed" | "inserted" | "deleted" | "moved"} Op */
/** @typedef {[start: number, end: number]} Interval Half-open, in seconds. */
/** @typedef {{x: number, y: number, width: number, height: number}} Box As fractions of the frame. */

/**
 * @typedef {object} Segment
 * @property {Op} op
 * @property {Interval | null} a
 * @property {Interval | null} b
 * @property {number | null} [distance]
 * @property {Region[]} [regions]
 * @property {boolean} [pictured] Whether the server stored pictures of it.
 * @property {number | null} [alsoAt] The second at which the side that lacks it shows the same footage elsewhere.
 * @property {"low" | "medium" | "high" | null} [severity]
 * @property {string | null} [kind] What happened to the picture, null if nothing did.
 * @property {[string, string] | null} [texts] The text in A that became the text in B.
 * @property {number} [frames] Its frames, if it has only a few and was deleted, inserted or moved.
 * @property {number} [index] Its place among the stored segments.
 * @property {number | null} [follows] The seconds on the side that lacks it at which it would be.
 */

/**
 * A changed box of B's frame. Those of a change that moves are its keyframes: the second of B, x, y, width and height.
 * @typedef {Box & {keyframes?: number[][]}} Region
 */

/**
 * @typedef {object} Step A segment with its place in script time.
 * @property {number} index
 * @property {Segment} segment
 * @property {Op} op
 * @property {Interval | null} a
 * @property {Interval | null} b
 * @property {Side} lead
 * @property {number} start Script time in seconds.
 * @property {number} duration Seconds.
 * @property {{a: number, b: number}} held Where each side stopped before this step, in seconds.
 */

/**
 * @typedef {object} Position
 * @property {number} time Script time in seconds.
 * @property {Step} step
 * @property {Side | null} absent The side that has nothing at this time.
 * @property {number} a Seconds of A.
 * @property {number} b Seconds of B.
 */

export const SIDES = /** @type {const} */ (["a", "b"]);
export const OTHER_SIDE = /** @type {const} */ ({ a: "b", b: "a" });

export class Alignment {
  /** @param {Segment[]} segments In the order of B. */
  constructor(segments) {
    const held = { a: 0, b: 0 };
    let start = 0;
    /** @type {Step[]} */
    this.steps = segments.map((segment, index) => {
      /** @type {Side} */
      const lead = segment.b ? "b" : "a";
      const duration = segment[lead][1] - segment[lead][0];
      const { op, a, b } = segment;
      const step = { index, segment, op, a, b, lead, start, duration, held: { ...held } };
      for (const side of SIDES) {
        if (segment[side] && op !== "moved") held[side] = segment[side][1];
      }
      start += duration;
      return step;
    });
    this.duration = start;
    this.stepsBySide = { a: sortSteps(this.steps, "a"), b: sortSteps(this.steps, "b") };
  }

  /**
   * Return the step at script time `time`.
   * @param {number} time
   */
  stepAt(time) {
    return findLast(this.steps, (step) => step.start <= time) ?? this.steps[0];
  }

  /**
   * Return where both sides are at script time `time`.
   * @param {number} time
   * @returns {Position}
   */
  positionAt(time) {
    const within = Math.min(Math.max(time, 0), this.duration);
    const step = this.stepAt(within);
    const share = step.duration > 0 ? (within - step.start) / step.duration : 0;
    const absent = step.a ? (step.b ? null : "b") : "a";
    return { time: within, step, absent, a: sideTime(step, "a", share), b: sideTime(step, "b", share) };
  }

  /**
   * Return the script time at `seconds` of one side.
   * @param {Side} side
   * @param {number} seconds
   */
  timeFromSide(side, seconds) {
    const steps = this.stepsBySide[side];
    if (!steps.length) return 0;
    const step = findLast(steps, (candidate) => candidate[side][0] <= seconds) ?? steps[0];
    const [start, end] = step[side];
    const share = end > start ? Math.min(Math.max((seconds - start) / (end - start), 0), 1) : 0;
    return step.start + share * step.duration;
  }

  /**
   * Return the speed of the following side while the leading side plays at 1.
   * @param {Step} step
   */
  followerRate(step) {
    const follower = step[OTHER_SIDE[step.lead]];
    return follower && step.duration > 0 ? (follower[1] - follower[0]) / step.duration : 1;
  }

  /**
   * Return the start of the next difference after `time` (direction 1) or before it (direction -1), or null.
   * @param {number} time
   * @param {number} direction
   */
  findDifference(time, direction) {
    const starts = this.steps.filter((step) => step.op !== "equal").map((step) => step.start);
    const match =
      direction > 0 ? starts.find((start) => start > time + 0.01) : starts.findLast((start) => start < time - 0.25);
    return match ?? null;
  }
}

/**
 * @param {Step[]} steps
 * @param {Side} side
 */
function sortSteps(steps, side) {
  return steps.filter((step) => step[side]).sort((one, two) => one[side][0] - two[side][0]);
}

/**
 * Return the seconds of one side at `share` of a step.
 * @param {Step} step
 * @param {Side} side
 * @param {number} share
 */
function sideTime(step, side, share) {
  if (!step[side]) return Math.max(0, step.held[side] - 0.0005); // just before the end: the last frame that it showed
  return step[side][0] + share * (step[side][1] - step[side][0]);
}

/**
 * Return the last item for which `test` holds, by bisection. The items for which it holds must come first.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => boolean} test
 * @returns {T | undefined}
 */
function findLast(items, test) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(items[middle])) low = middle + 1;
    else high = middle;
  }
  return items[low - 1];
}
