// @ts-check
// Play two sides in sync.
//
// The leading side is the clock: each frame that it shows sets the playback position. The other side follows by small
// changes of its rate, and by a seek if it is more than three frames off.
import { frameAt } from "../../player/frame-times.js";
import { OTHER_SIDE, SIDES } from "../script/alignment.js";

/** @typedef {VideoSide | StillsSide} Player */

const FRAMES_TO_SEEK = 3; // the follower seeks if it is further off
const RATE_GAIN = 3.5; // change of the rate for each second that the follower is off
const MOST_RATE_CHANGE = 0.4;
const SMOOTHING = 0.3; // frames reach the screen in their own rhythm, so one measurement is off by as much
const SEEK_EVERY_MS = 600;

export class SyncPlayback extends EventTarget {
  /**
   * @param {Alignment} alignment
   * @param {{a: Player, b: Player}} sides
   */
  constructor(alignment, sides) {
    super();
    this.alignment = alignment;
    this.sides = sides;
    this.position = alignment.positionAt(0);
    this.playing = false;
    this.seeking = false;
    this.rate = 1;
    this.seekNumber = 0; // a newer seek cancels an older one
    this.lastSeek = 0; // of the follower, in milliseconds of the page's clock
    /** @type {number | null} */
    this.ahead = null; // seconds that the follower is ahead, smoothed
    /** @type {{start: number, end: number} | null} */
    this.loop = null; // script time that is played repeatedly
    for (const name of SIDES) {
      sides[name].onFrame((/** @type {number} */ time) => this.#handleFrame(name, time));
      sides[name].onSettled = () => this.#notify();
    }
  }

  /**
   * Seek to script time `time`. Both sides show what belongs there.
   * @param {number} time
   */
  async seek(time) {
    const number = this.#startSeek();
    this.#stopSides();
    this.position = this.alignment.positionAt(time);
    this.#notify();
    await Promise.all(SIDES.map((name) => this.sides[name].seek(this.position[name])));
    await this.#finishSeek(number);
  }

  /**
   * Continue from the same script time with another alignment of the two sides.
   * @param {Alignment} alignment
   */
  realign(alignment) {
    this.alignment = alignment;
    this.position = alignment.positionAt(this.position.time);
    this.#notify();
  }

  async play() {
    if (this.playing) return;
    const isAtEnd = this.position.time >= this.alignment.duration - 0.02;
    this.playing = true;
    await this.seek(isAtEnd ? 0 : this.position.time);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    const { timeOnScreen } = this.sides[this.position.step.lead];
    this.#stopSides();
    if (!this.seeking) this.#updatePosition(timeOnScreen);
    this.seek(this.position.time); // both sides to the frames that belong together
  }

  /** @param {number} rate */
  setRate(rate) {
    this.rate = rate;
    if (this.playing) this.#setRates(this.position.step, 1);
    this.#notify();
  }

  /**
   * Step by one frame of the leading side, by the real frame times.
   * @param {number} direction 1 or -1.
   */
  async stepFrame(direction) {
    if (this.playing) this.pause();
    await this.seek(this.timeOfNextFrame(this.position, direction));
  }

  /**
   * Return the script time one frame of the leading side after `position` (direction 1) or before it (direction -1).
   * @param {Position} position
   * @param {number} direction
   */
  timeOfNextFrame(position, direction) {
    const { step } = position;
    const side = this.sides[step.lead];
    const [start, end] = step[step.lead];
    const seconds = position[step.lead];
    const length = side.frameLength(seconds);
    const wanted = side.times[frameAt(side.times, seconds) + direction];
    if (direction > 0 && (wanted === undefined || wanted >= end - length / 2)) {
      const next = this.alignment.steps[step.index + 1];
      return next ? next.start : position.time;
    }
    if (direction < 0 && (wanted === undefined || wanted < start - length / 2)) {
      const previous = this.alignment.steps[step.index - 1];
      return previous ? this.#lastFrameTime(previous) : 0;
    }
    return step.start + Math.max(0, wanted - start);
  }

  /**
   * Return the script time of the last frame of a step.
   * @param {Step} step
   */
  #lastFrameTime(step) {
    const { times } = this.sides[step.lead];
    const [start, end] = step[step.lead];
    const last = times[frameAt(times, end - 0.001)];
    return step.start + Math.min(Math.max(last - start, 0), step.duration);
  }

  #startSeek() {
    this.seeking = true;
    this.seekNumber += 1;
    return this.seekNumber;
  }

  /** @param {number} number */
  async #finishSeek(number) {
    if (number !== this.seekNumber) return;
    this.seeking = false;
    if (this.playing) await this.#startSides();
  }

  // --- While it plays ---

  /**
   * @param {Side} name
   * @param {number} time Seconds of that side.
   */
  #handleFrame(name, time) {
    if (!this.playing || this.seeking) return;
    const { step } = this.position;
    if (name !== step.lead) return;
    const frameLength = this.sides[name].frameLength(time);
    if (this.loop && step.start + time - step[name][0] >= this.loop.end - frameLength / 2) {
      this.seek(this.loop.start);
      return;
    }
    const next = this.alignment.steps[step.index + 1];
    /** @param {Side} side */
    const continues = (side) => step[side] && next?.[side] && Math.abs(next[side][0] - step[side][1]) < 0.001;
    // A side that does not continue into the next step stops at its last frame; one that does plays on.
    const framesLeft = (step[name][1] - time) / this.sides[name].frameLength(step[name][1] - 0.001);
    if (framesLeft <= (continues(name) ? 0.5 : 1.5)) {
      this.#enterStep(next);
      return;
    }
    const other = OTHER_SIDE[name];
    if (framesLeft <= 1.5 && !continues(other)) this.sides[other].pause();
    this.#updatePosition(time);
    this.#adjustFollower();
  }

  /** @param {number} time Seconds of the leading side. */
  #updatePosition(time) {
    const { step } = this.position;
    const within = Math.min(Math.max(time - step[step.lead][0], 0), Math.max(0, step.duration - 0.0005));
    this.position = this.alignment.positionAt(step.start + within);
    this.#notify();
  }

  /** Keep the following side in sync with the leading side by its rate, or by a seek. */
  #adjustFollower() {
    const { step } = this.position;
    const name = OTHER_SIDE[step.lead];
    const follower = this.sides[name];
    if (!step[name] || follower.seeking) return;
    const ratio = this.alignment.followerRate(step);
    const expected = step[name][0] + (this.sides[step.lead].timeOnScreen - step[step.lead][0]) * ratio;
    const measured = follower.timeOnScreen - expected;
    this.ahead = this.ahead === null ? measured : this.ahead + SMOOTHING * (measured - this.ahead);
    const { ahead } = this;
    const frameLength = follower.frameLength(follower.time);
    if (Math.abs(ahead) > FRAMES_TO_SEEK * frameLength && performance.now() - this.lastSeek > SEEK_EVERY_MS) {
      this.lastSeek = performance.now();
      this.ahead = null;
      follower.seek(follower.time - ahead + 0.06 * this.rate * ratio); // a seek takes about 0.06 s
      return;
    }
    const isInSync = Math.abs(ahead) < frameLength / 5;
    const change = isInSync ? 0 : Math.min(Math.max(ahead * RATE_GAIN, -MOST_RATE_CHANGE), MOST_RATE_CHANGE);
    this.#setRates(step, 1 - change);
  }

  /**
   * @param {Step} step
   * @param {number} correction Factor of the follower's rate.
   */
  #setRates(step, correction) {
    this.sides[step.lead].setRate(this.rate);
    this.sides[OTHER_SIDE[step.lead]].setRate(this.rate * this.alignment.followerRate(step) * correction);
  }

  /**
   * Play into the next step: without a break if both sides continue, else once both sides are there.
   * @param {Step | undefined} step
   */
  async #enterStep(step) {
    if (this.loop && (!step || step.start >= this.loop.end - 0.001)) {
      this.seek(this.loop.start);
      return;
    }
    if (!step) {
      this.playing = false;
      this.seek(this.alignment.duration);
      return;
    }
    const number = this.#startSeek();
    this.position = this.alignment.positionAt(step.start);
    this.#notify();
    const jumps = SIDES.filter((name) => {
      const side = this.sides[name];
      return step[name] && Math.abs(side.time - step[name][0]) > FRAMES_TO_SEEK * side.frameLength(step[name][0]);
    });
    if (jumps.length) {
      this.#stopSides();
      await Promise.all(jumps.map((name) => this.sides[name].seek(this.position[name])));
    }
    await this.#finishSeek(number);
  }

  async #startSides() {
    this.ahead = null;
    const { step, absent } = this.position;
    if (absent) {
      this.sides[absent].pause();
      this.sides[absent].seek(this.position[absent]);
    }
    await Promise.all([
      this.sides[step.lead].play(this.rate),
      absent ? null : this.sides[OTHER_SIDE[step.lead]].play(this.rate * this.alignment.followerRate(step)),
    ]);
  }

  #stopSides() {
    for (const name of SIDES) this.sides[name].pause();
  }

  #notify() {
    this.dispatchEvent(new CustomEvent("change", { detail: this.position }));
  }
}
