// @ts-check
// Show a side that the browser cannot decode: its stills over a clock of their own, with the interface of VideoSide.
import { estimateFrameTimes, fetchFrameTimes, frameAt, frameLengthAt } from "./frame-times.js";

export class StillsSide {
  /**
   * @param {HTMLVideoElement} video
   * @param {any} data The page's data of this side.
   */
  constructor(video, data) {
    this.data = data;
    this.image = new Image();
    this.image.className = "still-image";
    this.image.alt = "";
    video.after(this.image);
    video.hidden = true;
    /** @type {Float64Array} */
    this.times = null;
    this.offsetFrames = 0;
    this.startTime = 0; // seconds at which the clock was last set
    this.startedAt = 0; // when that was, in milliseconds of the page's clock
    this.rate = 1;
    this.playing = false;
    this.seeking = false;
    this.settled = true;
    this.onSettled = () => {};
  }

  async open() {
    this.times = await fetchFrameTimes(this.data.times).catch(() => estimateFrameTimes(this.data.duration ?? 1));
    this.#show();
  }

  get time() {
    const elapsed = this.playing ? ((performance.now() - this.startedAt) / 1000) * this.rate : 0;
    return Math.min(this.startTime + elapsed, this.data.duration);
  }

  get offsetSeconds() {
    return this.offsetFrames * this.frameLength(this.startTime);
  }

  get timeOnScreen() {
    return this.time;
  }

  /** @param {number} seconds */
  frameLength(seconds) {
    return frameLengthAt(this.times, seconds);
  }

  /** @param {number} seconds */
  async seek(seconds) {
    this.#setClock(seconds);
    this.#show();
  }

  /** @param {number} rate */
  async play(rate) {
    this.#setClock(this.time);
    this.rate = rate;
    this.playing = true;
  }

  pause() {
    this.#setClock(this.time);
    this.playing = false;
  }

  /** @param {number} rate */
  setRate(rate) {
    this.#setClock(this.time);
    this.rate = rate;
  }

  set muted(/** @type {boolean} */ _) {}

  /** @param {(time: number) => void} callback */
  onFrame(callback) {
    const handleFrame = () => {
      if (this.playing) {
        this.#show();
        callback(this.time >= this.data.duration ? Infinity : this.time);
      }
      requestAnimationFrame(handleFrame);
    };
    requestAnimationFrame(handleFrame);
  }

  /** @param {number} seconds */
  #setClock(seconds) {
    this.startTime = seconds;
    this.startedAt = performance.now();
  }

  #show() {
    const { stills, still } = this.data;
    if (!stills.length) return;
    const number = frameAt(stills, this.time + this.offsetSeconds);
    const url = still.replace("still-00000", `still-${String(number).padStart(5, "0")}`);
    if (this.image.getAttribute("src") !== url) this.image.src = url;
  }
}
