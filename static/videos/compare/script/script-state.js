// @ts-check
// Store what the page shows of the edit script at the current threshold.
//
// While the threshold moves, the class of every segment is updated ("recolour"). The shown segments and the alignment
// take longer and are updated when it stops moving ("change").
import { Alignment } from "./alignment.js";
import { THRESHOLD_TOLERANCE } from "./constants.js";
import { rethreshold, unpackSegments } from "./rethreshold.js";
import { buildLane, SegmentClassifier, sortSegments } from "./severities.js";

const SETTLE_MS = 120; // the threshold has stopped moving

export class ScriptState extends EventTarget {
  /** @param {any} script The script as the page's data has it, with compact rows as its segments. */
  constructor(script) {
    super();
    /** @type {EditScript} */
    this.script = { ...script, segments: unpackSegments(script.segments) };
    this.duration = Math.max(script.duration_a, script.duration_b, 0.001);
    this.classifier = new SegmentClassifier(this.script);
    this.orders = { a: sortSegments(this.script.segments, "a"), b: sortSegments(this.script.segments, "b") };
    this.#classify(script.threshold);
    this.#rebuild();
  }

  get threshold() {
    return this.classification.threshold;
  }

  set threshold(value) {
    if (value === this.threshold) return;
    this.#classify(value);
    this.dispatchEvent(new Event("recolour"));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), SETTLE_MS);
  }

  /** Rebuild the shown segments for the current threshold now. */
  settle() {
    clearTimeout(this.timer);
    if (this.shown.ranks === this.classification.ranks) return;
    this.#rebuild();
    this.dispatchEvent(new Event("change"));
  }

  /** The lane of each side at the current threshold. */
  get lanes() {
    const { ranks } = this.classification;
    this.currentLanes ??= { a: buildLane(this.orders.a, ranks), b: buildLane(this.orders.b, ranks) };
    return this.currentLanes;
  }

  /** The threshold as a query parameter. */
  get thresholdParameter() {
    return String(Number(this.threshold.toFixed(6)));
  }

  get isCalibrated() {
    return Math.abs(this.threshold - this.script.calibrated) <= THRESHOLD_TOLERANCE;
  }

  /**
   * Record the threshold that the server has saved.
   * @param {number} threshold
   */
  markSaved(threshold) {
    this.script.saved = threshold;
    this.dispatchEvent(new Event("save"));
  }

  /** @param {number} threshold */
  #classify(threshold) {
    this.classification = this.classifier.classify(threshold); // `shown` and `alignment` follow in #rebuild
    this.currentLanes = null;
  }

  #rebuild() {
    this.shown = rethreshold(this.script, this.threshold, this.classification);
    this.alignment = new Alignment(this.shown.segments);
  }
}
