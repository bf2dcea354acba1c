// The part of the timeline that is shown, in seconds. Pure but for saying "change".

const LEAST_SECONDS = 0.5;

export class Zoom extends EventTarget {
  constructor(span) {
    super();
    this.span = span;
    this.start = 0;
    this.end = span;
  }

  get length() {
    return this.end - this.start;
  }

  get isAll() {
    return this.length >= this.span * 0.9999;
  }

  /** Where `seconds` stands, as a share of what is shown. */
  share(seconds) {
    return (seconds - this.start) / this.length;
  }

  /** The second at a share of what is shown. */
  at(share) {
    return this.start + share * this.length;
  }

  /** Show `factor` times as much, with what is at `share` staying there. */
  by(factor, share = 0.5) {
    const length = Math.min(Math.max(this.length * factor, Math.min(LEAST_SECONDS, this.span)), this.span);
    this.#set(this.at(share) - share * length, length);
  }

  pan(seconds) {
    this.#set(this.start + seconds, this.length);
  }

  all() {
    this.#set(0, this.span);
  }

  /** Move, without zooming, so that `seconds` is in sight: by pages, with a margin. */
  reveal(seconds) {
    const share = this.share(seconds);
    if (share < 0 || share > 1) this.#set(seconds - this.length * 0.1, this.length);
  }

  #set(start, length) {
    const from = Math.min(Math.max(start, 0), this.span - length);
    if (from === this.start && length === this.length) return;
    this.start = from;
    this.end = from + length;
    this.dispatchEvent(new Event("change"));
  }
}
