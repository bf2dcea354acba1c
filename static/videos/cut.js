// What the page shows of the script at the threshold of now. Says "change" when the threshold moves.
import { Alignment } from "./align.js";
import { recut, unpack } from "./recut.js";
import { lane } from "./stripes.js";

export class Cut extends EventTarget {
  constructor(script) {
    super();
    this.script = { ...script, segments: unpack(script.segments) };
    this.span = Math.max(script.duration_a, script.duration_b, 0.001);
    this.#take(script.threshold);
  }

  get threshold() {
    return this.shown.threshold;
  }

  set threshold(value) {
    if (value === this.threshold) return;
    this.#take(value);
    this.dispatchEvent(new Event("change"));
  }

  /** What is shown on each side, by time. See stripes.js. */
  get lanes() {
    this.sorted ??= { a: lane(this.shown.segments, "a"), b: lane(this.shown.segments, "b") };
    return this.sorted;
  }

  get isCalibrated() {
    return Math.abs(this.threshold - this.script.calibrated) < 1e-6;
  }

  /** The threshold that the server keeps from now on. */
  keep(threshold) {
    this.script.saved = threshold;
    this.dispatchEvent(new Event("change"));
  }

  #take(threshold) {
    this.shown = recut(this.script, threshold);
    this.sorted = null;
    this.alignment = new Alignment(this.shown.segments);
  }
}
