// What the page shows of the script at the threshold of now. While the threshold moves, what every segment is follows at
// once ("recolour"); what takes longer, the shown segments and the way through them, when it rests ("change").
import { Alignment } from "./align.js";
import { Ranks } from "./ranks.js";
import { recut, unpack } from "./recut.js";
import { lane, order } from "./stripes.js";

const REST_MS = 120;

export class Cut extends EventTarget {
  constructor(script) {
    super();
    this.script = { ...script, segments: unpack(script.segments) };
    this.span = Math.max(script.duration_a, script.duration_b, 0.001);
    this.ranking = new Ranks(this.script);
    this.orders = { a: order(this.script.segments, "a"), b: order(this.script.segments, "b") };
    this.#tell(script.threshold);
    this.#take();
  }

  get threshold() {
    return this.told.threshold;
  }

  set threshold(value) {
    if (value === this.threshold) return;
    this.#tell(value);
    this.dispatchEvent(new Event("recolour"));
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.settle(), REST_MS);
  }

  /** Show all of what the threshold of now means. */
  settle() {
    clearTimeout(this.resting);
    if (this.shown.ranks === this.told.ranks) return;
    this.#take();
    this.dispatchEvent(new Event("change"));
  }

  /** What is seen on each side, by time. See stripes.js. */
  get lanes() {
    this.coloured ??= { a: lane(this.orders.a, this.told.ranks), b: lane(this.orders.b, this.told.ranks) };
    return this.coloured;
  }

  /** The threshold as addresses have it. */
  get asked() {
    return String(Number(this.threshold.toFixed(6)));
  }

  get isCalibrated() {
    return Math.abs(this.threshold - this.script.calibrated) < 1e-6;
  }

  /** The threshold that the server keeps from now on. */
  keep(threshold) {
    this.script.saved = threshold;
    this.dispatchEvent(new Event("keep"));
  }

  #tell(threshold) {
    this.told = this.ranking.at(threshold); // of now; `shown` and `alignment` come after it
    this.coloured = null;
  }

  #take() {
    this.shown = recut(this.script, this.threshold, this.told);
    this.alignment = new Alignment(this.shown.segments);
  }
}
