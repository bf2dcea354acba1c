// Two players in step. The leading side is the clock: each frame it shows says where the walk is; the other side is
// held to it by small changes of rate, and by a seek where it is more than three frames off.

import { frameAt } from "./align.js";

const FRAMES_TO_SEEK = 3;
const GAIN = 3.5; // of the rate, for each second that the follower is off
const MOST = 0.4;
const SMOOTHING = 0.3; // frames reach the screen at its own rhythm, so one measurement is off by as much
const SEEK_EVERY_MS = 600;
const OTHER = { a: "b", b: "a" };

export class Walk extends EventTarget {
  constructor(alignment, sides) {
    super();
    this.alignment = alignment;
    this.sides = sides;
    this.place = alignment.place(0);
    this.playing = false;
    this.moving = false; // while both are on their way to somewhere
    this.rate = 1;
    this.wanted = 0; // counts wishes, so that a slow one gives way to a newer
    this.lastSeek = 0;
    this.ahead = null; // seconds that the follower is ahead, smoothed
    this.loop = null; // {begin, end} of the walk, played again and again
    for (const name of ["a", "b"]) sides[name].onFrame((time) => this.#frame(name, time));
  }

  /** Go to `at` seconds of the walk; both sides show what belongs there. */
  async seek(at) {
    const wish = (this.wanted += 1);
    this.moving = true;
    this.#rest();
    this.place = this.alignment.place(at);
    this.#tell();
    await Promise.all([this.sides.a.seek(this.place.a), this.sides.b.seek(this.place.b)]);
    if (wish !== this.wanted) return;
    this.moving = false;
    if (this.playing) await this.#run();
  }

  /** Go on by another alignment of the same two sides, from where they are. */
  realign(alignment) {
    this.alignment = alignment;
    this.place = alignment.place(this.place.walk);
    this.#tell();
  }

  async play() {
    if (this.playing) return;
    const from = this.place.walk >= this.alignment.length - 0.02 ? 0 : this.place.walk;
    this.playing = true;
    await this.seek(from);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    const onScreen = this.sides[this.place.step.lead].onScreen;
    this.#rest();
    if (!this.moving) this.#arrive(onScreen);
    this.seek(this.place.walk); // both on the very frames that belong together
  }

  setRate(rate) {
    this.rate = rate;
    if (this.playing) this.#pace(this.place.step, 1);
    this.#tell();
  }

  /** One frame of the leading side on or back, by the real frame times. */
  async stepFrame(direction) {
    if (this.playing) this.pause();
    await this.seek(this.frameAfter(this.place, direction));
  }

  /** Where the walk is one frame of the leading side after `place`, or before it. */
  frameAfter({ walk, step, ...at }, direction) {
    const side = this.sides[step.lead];
    const [start, end] = step[step.lead];
    const here = at[step.lead];
    const length = side.frameLength(here);
    const times = side.times;
    const number = frameAt(times, here);
    const wanted = times[number + direction];
    if (direction > 0 && (wanted === undefined || wanted >= end - length / 2)) {
      const next = this.alignment.steps[step.index + 1];
      return next ? next.begin : walk;
    }
    if (direction < 0 && (wanted === undefined || wanted < start - length / 2)) {
      const before = this.alignment.steps[step.index - 1];
      if (!before) return 0;
      const leading = this.sides[before.lead].times;
      const last = leading[frameAt(leading, before[before.lead][1] - 0.001)];
      return before.begin + Math.min(Math.max(last - before[before.lead][0], 0), before.length);
    }
    return step.begin + Math.max(0, wanted - start);
  }

  // --- while it plays ---

  #frame(name, time) {
    if (!this.playing || this.moving) return;
    const { step } = this.place;
    if (name !== step.lead) return;
    if (this.loop && step.begin + time - step[name][0] >= this.loop.end - this.sides[name].frameLength(time) / 2) {
      this.seek(this.loop.begin);
      return;
    }
    const next = this.alignment.steps[step.index + 1];
    const goesOn = (side) => step[side] && next?.[side] && Math.abs(next[side][0] - step[side][1]) < 0.001;
    // A side that does not go on over the border stops at its last frame before it; one that does is not disturbed.
    const frames = (step[name][1] - time) / this.sides[name].frameLength(step[name][1] - 0.001);
    if (frames <= (goesOn(name) ? 0.5 : 1.5)) {
      this.#enter(next);
      return;
    }
    if (frames <= 1.5 && !goesOn(OTHER[name])) this.sides[OTHER[name]].pause();
    this.#arrive(time);
    this.#follow();
  }

  #arrive(time) {
    const { step } = this.place;
    const within = Math.min(Math.max(time - step[step.lead][0], 0), Math.max(0, step.length - 0.0005));
    this.place = this.alignment.place(step.begin + within);
    this.#tell();
  }

  #follow() {
    const { step } = this.place;
    const name = OTHER[step.lead];
    const follower = this.sides[name];
    if (!step[name] || follower.seeking) return;
    const ratio = this.alignment.ratio(step);
    const [leadStart, start] = [step[step.lead][0], step[name][0]];
    const measured = follower.onScreen - (start + (this.sides[step.lead].onScreen - leadStart) * ratio);
    this.ahead = this.ahead === null ? measured : this.ahead + SMOOTHING * (measured - this.ahead);
    const { ahead } = this;
    const frame = follower.frameLength(follower.time);
    if (Math.abs(ahead) > FRAMES_TO_SEEK * frame && performance.now() - this.lastSeek > SEEK_EVERY_MS) {
      this.lastSeek = performance.now();
      this.ahead = null;
      follower.seek(follower.time - ahead + 0.06 * this.rate * ratio); // it takes a moment to get there
      return;
    }
    const nudge = Math.abs(ahead) < frame / 5 ? 0 : Math.min(Math.max(ahead * GAIN, -MOST), MOST);
    this.#pace(step, 1 - nudge);
  }

  #pace(step, nudge) {
    this.sides[step.lead].setRate(this.rate);
    this.sides[OTHER[step.lead]].setRate(this.rate * this.alignment.ratio(step) * nudge);
  }

  /** Over the border into `step`: on without a break where both sides go on, else once both are there. */
  async #enter(step) {
    if (this.loop && (!step || step.begin >= this.loop.end - 0.001)) {
      this.seek(this.loop.begin);
      return;
    }
    if (!step) {
      this.playing = false;
      this.seek(this.alignment.length);
      return;
    }
    const wish = (this.wanted += 1);
    this.moving = true;
    this.place = this.alignment.place(step.begin);
    this.#tell();
    const jumps = ["a", "b"].filter((name) => {
      const side = this.sides[name];
      return step[name] && Math.abs(side.time - step[name][0]) > FRAMES_TO_SEEK * side.frameLength(step[name][0]);
    });
    if (jumps.length) {
      this.#rest();
      await Promise.all(jumps.map((name) => this.sides[name].seek(this.place[name])));
    }
    if (wish !== this.wanted) return;
    this.moving = false;
    if (this.playing) await this.#run();
  }

  async #run() {
    this.ahead = null;
    const { step, absent } = this.place;
    const name = OTHER[step.lead];
    if (absent) {
      this.sides[absent].pause();
      this.sides[absent].seek(this.place[absent]);
    }
    await Promise.all([
      this.sides[step.lead].play(this.rate),
      absent ? null : this.sides[name].play(this.rate * this.alignment.ratio(step)),
    ]);
  }

  #rest() {
    this.sides.a.pause();
    this.sides.b.pause();
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("change", { detail: this.place }));
  }
}
