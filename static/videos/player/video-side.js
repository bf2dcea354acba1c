// @ts-check
// Control one side of a comparison: a <video> whose frames are addressed by their real times.
import { estimateFrameTimes, fetchFrameTimes, frameAt, frameLengthAt } from "./frame-times.js";

const FIRST_FRAME_MS = 5000; // the longest wait for the first frame
const HIDDEN_FRAME_MS = 1000; // the same on a hidden page, which never shows one
const SEEK_MS = 5000; // after which it is checked whether a seek still runs
const MOST_WAITS = 6; // such waits for one seek
const LATEST_FIRST_FRAME = 1; // seconds at which the first frame of a file begins, at most
const FRAME_MS = 1000; // the longest wait for the frame of a finished seek
const MOST_SEEKS = 3; // attempts to show one frame
const MOST_MISSES = 3; // frames in a row that never came, after which the browser is believed to count them otherwise

export class VideoSide {
  /**
   * @param {HTMLVideoElement} video
   * @param {any} data The page's data of this side.
   */
  constructor(video, data) {
    this.video = video;
    this.data = data;
    /** @type {Float64Array} */
    this.times = null;
    this.firstFrameTime = 0; // the file's own time of its first frame, in seconds
    this.offsetFrames = 0; // frames by which this side is ahead of the requested time
    /** @type {number | null} */
    this.target = null; // the frame to seek to
    this.playing = false;
    /** @type {{time: number, when: number} | null} */
    this.shownFrame = null; // its time in the file in seconds, and when it appeared on the page's clock
    /** @type {Promise<void> | null} */
    this.pendingSeek = null;
    this.settled = false; // whether the picture is the one that was asked for last
    this.hasRealTimes = false;
    this.misses = 0;
    /** Called when the requested frame is on screen. */
    this.onSettled = () => {};
    /** @type {(time: number) => void} */
    this.handleFrame = () => {};
  }

  #watchFrames() {
    /** @type {VideoFrameRequestCallback} */
    const handleFrame = (_, frame) => {
      this.shownFrame = { time: frame.mediaTime, when: frame.expectedDisplayTime };
      if (!this.video.seeking) this.handleFrame(frame.mediaTime - this.firstFrameTime - this.offsetSeconds);
      this.video.requestVideoFrameCallback(handleFrame);
    };
    this.video.requestVideoFrameCallback(handleFrame);
  }

  /** Open the file. Resolves once frames can be addressed; rejects if the browser cannot decode the file. */
  async open() {
    this.#watchFrames();
    const times = fetchFrameTimes(this.data.times).catch(() => /** @type {Float64Array} */ (null));
    await waitUntilDecodable(this.video);
    const measured = await times;
    this.hasRealTimes = measured !== null;
    this.times = measured ?? estimateFrameTimes(this.data.duration ?? this.video.duration);
    this.firstFrameTime = await measureFirstFrame(this.video, this.times);
  }

  /** The offset in seconds. */
  get offsetSeconds() {
    if (!this.offsetFrames || this.times.length <= 1) return 0;
    return (this.offsetFrames * (this.times.at(-1) - this.times[0])) / (this.times.length - 1);
  }

  /** The time from which it continues, in seconds. */
  get time() {
    return this.video.currentTime - this.firstFrameTime - this.offsetSeconds;
  }

  /** The time on screen, which also advances between frames. The media clock can be some frames off it. */
  get timeOnScreen() {
    if (!this.shownFrame || !this.playing) return this.time;
    const since = (performance.now() - this.shownFrame.when) / 1000;
    const shown = this.shownFrame.time - this.firstFrameTime - this.offsetSeconds;
    return shown + Math.min(Math.max(since, -0.05), 0.15) * this.video.playbackRate;
  }

  /**
   * Continue at the same time from another URL of the same file.
   * @param {string} url
   */
  async changeUrl(url) {
    const time = this.video.currentTime;
    this.video.src = url;
    await waitUntilDecodable(this.video).catch(() => {}); // the video's error event reports the failure
    this.video.currentTime = time;
    if (this.playing) await this.video.play().catch(() => {});
  }

  get seeking() {
    return this.video.seeking;
  }

  /**
   * Return how long the frame at `seconds` is shown, in seconds.
   * @param {number} seconds
   */
  frameLength(seconds) {
    return frameLengthAt(this.times, seconds);
  }

  /**
   * Show the frame at `seconds`. The newest of several calls wins; resolves when its frame is shown.
   * @param {number} seconds
   */
  seek(seconds) {
    this.target = Math.min(Math.max(frameAt(this.times, seconds) + this.offsetFrames, 0), this.times.length - 1);
    this.settled = false;
    this.pendingSeek ??= this.#runSeeks();
    return this.pendingSeek;
  }

  async #runSeeks() {
    await null; // `pendingSeek` must be set before it is cleared below
    while (this.target !== null) {
      const number = this.target;
      this.target = null;
      await this.#showFrame(number);
    }
    this.pendingSeek = null;
    this.settled = true;
    this.onSettled();
  }

  /**
   * Seek to a frame, again if the browser reports another one.
   * @param {number} number
   */
  async #showFrame(number) {
    const start = this.times[number] ?? 0;
    const length = (this.times[number + 1] ?? start + 0.01) - start;
    for (let attempt = 0; attempt < MOST_SEEKS && this.target === null; attempt += 1) {
      // Inside the frame, safe from rounding.
      const wanted = start + (0.35 + 0.1 * attempt) * length + this.firstFrameTime;
      if (Math.abs(this.video.currentTime - wanted) >= 0.0005) {
        this.video.currentTime = wanted;
        await this.#waitForSeek();
      }
      if (await this.#waitForFrame(start, Math.max(length / 2, 0.002))) return;
    }
    if (this.target === null) this.misses += 1;
  }

  /** Wait for the end of a seek, which a slow network delays, unless another one is wanted or the file has failed. */
  async #waitForSeek() {
    for (let wait = 0; wait < MOST_WAITS; wait += 1) {
      await waitForEvent(this.video, "seeked", SEEK_MS);
      if (!this.video.seeking || this.video.error || this.target !== null) return;
    }
  }

  /**
   * Wait until the frame that begins at `start` is on screen. Return false if the browser shows another one, and true if
   * that cannot be told: a hidden page shows no frame, and a playing video does not stay at one.
   * @param {number} start
   * @param {number} tolerance Seconds.
   */
  async #waitForFrame(start, tolerance) {
    const isTold = () =>
      this.hasRealTimes && this.misses < MOST_MISSES && !this.playing && !document.hidden && !this.video.error;
    const deadline = performance.now() + FRAME_MS;
    while (isTold() && this.target === null) {
      if (Math.abs((this.shownFrame?.time ?? NaN) - this.firstFrameTime - start) <= tolerance) {
        this.misses = 0;
        return true;
      }
      if (performance.now() > deadline) return false;
      await nextFrame();
    }
    return true;
  }

  /** @param {number} rate */
  async play(rate) {
    this.setRate(rate);
    this.playing = true;
    if (!this.video.paused) return;
    await this.video.play().catch(() => {}); // it was paused again before it began
  }

  pause() {
    this.playing = false;
    this.video.pause();
  }

  /** @param {number} rate */
  setRate(rate) {
    const supported = Math.min(Math.max(rate, 0.0625), 16);
    if (Math.abs(this.video.playbackRate - supported) > 0.004) this.video.playbackRate = supported;
  }

  /** Whether it is silent. A muted video does not preserve pitch, which would make each change of the rate slow. */
  set muted(/** @type {boolean} */ muted) {
    if (this.video.muted !== muted) this.video.muted = muted;
    if (this.video.preservesPitch === muted) this.video.preservesPitch = !muted;
  }

  /**
   * Call `callback` with the time of each frame as it is shown, and with Infinity at the end. On a hidden page, which
   * shows no frames, it is called with the media clock from time to time.
   * @param {(time: number) => void} callback
   */
  onFrame(callback) {
    this.handleFrame = callback;
    this.video.addEventListener("timeupdate", () => {
      if (!this.video.seeking && document.hidden) callback(this.time);
    });
    this.video.addEventListener("ended", () => callback(Infinity));
  }
}

/**
 * Resolve at the event, or after the time limit.
 * @param {EventTarget} target
 * @param {string} name
 * @param {number} milliseconds
 */
function waitForEvent(target, name, milliseconds) {
  return new Promise((resolve) => {
    target.addEventListener(name, resolve, { once: true });
    setTimeout(resolve, milliseconds);
  });
}

/** Resolve at the next frame of the page; on a hidden page, which has none, a little later. */
function nextFrame() {
  return new Promise((resolve) => {
    requestAnimationFrame(resolve);
    setTimeout(resolve, 100);
  });
}

/**
 * Resolve once the browser has decoded the file's header. Rejects if it has no picture or cannot be played.
 * @param {HTMLVideoElement} video
 * @returns {Promise<void>}
 */
function waitUntilDecodable(video) {
  return new Promise((resolve, reject) => {
    const check = () => (video.videoWidth ? resolve() : reject(new Error("no picture")));
    const fail = () => reject(new Error("not playable"));
    if (video.error || video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) fail();
    else if (video.readyState >= HTMLMediaElement.HAVE_METADATA) check();
    video.addEventListener("loadedmetadata", check, { once: true });
    video.addEventListener("error", fail, { once: true });
  });
}

/**
 * Return the file's own time of its first frame. Some files do not begin at 0, while Sage's frame times do. Do not seek
 * until the promise is resolved.
 *
 * The frame at which the video was opened (`#t=` in its URL) may be reported after the seek to the first one. It is known
 * by its time.
 * @param {HTMLVideoElement} video
 * @param {ArrayLike<number>} [times] The frame times, if the video was not opened at its start.
 * @returns {Promise<number>}
 */
export async function measureFirstFrame(video, times = []) {
  const opened = Number.parseFloat(video.currentSrc.split("#t=")[1] ?? "0") || 0;
  const length = frameLengthAt(times, opened);
  const isFar = opened > LATEST_FIRST_FRAME;
  /** @param {number} time */
  const isStale = (time) =>
    isFar ? time > opened / 2 : opened >= length && time > opened - length - 0.001 && time <= opened + 0.001;
  const shown = new Promise((resolve) => {
    let first = 0;
    /** @type {VideoFrameRequestCallback} */
    const handleFrame = (_, { mediaTime }) => {
      if (!isStale(mediaTime)) {
        resolve(mediaTime);
        return;
      }
      if (!isFar) first = mediaTime; // it is the first frame, if no other one comes
      video.requestVideoFrameCallback(handleFrame);
    };
    video.requestVideoFrameCallback(handleFrame);
    setTimeout(() => resolve(first), document.hidden ? HIDDEN_FRAME_MS : FIRST_FRAME_MS);
  });
  const sought = waitForEvent(video, "seeked", SEEK_MS);
  video.currentTime = 0;
  await sought;
  return shown;
}
