// @ts-check
// Store which part of the timeline is shown, in seconds.

const SHORTEST_SECONDS = 0.5;

export class TimelineZoom extends EventTarget {
  /** @param {number} duration Seconds of the whole timeline. */
  constructor(duration) {
    super();
    this.duration = duration;
    this.start = 0;
    this.end = duration;
  }

  /** Seconds that are shown. */
  get length() {
    return this.end - this.start;
  }

  get isAll() {
    return this.length >= this.duration * 0.9999;
  }

  /**
   * Return where `seconds` is, as a share of the shown part.
   * @param {number} seconds
   */
  shareOf(seconds) {
    return (seconds - this.start) / this.length;
  }

  /**
   * Return the seconds at a share of the shown part.
   * @param {number} share
   */
  secondsAt(share) {
    return this.start + share * this.length;
  }

  /**
   * Show `factor` times as many seconds. The time at `share` stays in its place.
   * @param {number} factor
   * @param {number} [share]
   */
  scale(factor, share = 0.5) {
    const shortest = Math.min(SHORTEST_SECONDS, this.duration);
    const length = Math.min(Math.max(this.length * factor, shortest), this.duration);
    this.#set(this.secondsAt(share) - share * length, length);
  }

  /** @param {number} seconds */
  pan(seconds) {
    this.#set(this.start + seconds, this.length);
  }

  showAll() {
    this.#set(0, this.duration);
  }

  /**
   * Move, without zooming, until `seconds` is shown: by pages, with a margin.
   * @param {number} seconds
   */
  reveal(seconds) {
    const share = this.shareOf(seconds);
    if (share < 0 || share > 1) this.#set(seconds - this.length * 0.1, this.length);
  }

  /**
   * @param {number} wantedStart
   * @param {number} length
   */
  #set(wantedStart, length) {
    const start = Math.min(Math.max(wantedStart, 0), this.duration - length);
    if (start === this.start && length === this.length) return;
    this.start = start;
    this.end = start + length;
    this.dispatchEvent(new Event("change"));
  }
}
