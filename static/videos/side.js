// One side of a comparison: a <video> whose frames are addressed by their real times.
import { frameAt } from "./align.js";
import { evenTimes, frameTimes } from "./times.js";

const CALM_MS = 1000; // for a first frame that a hidden page never shows

export class Side {
  constructor(video, data) {
    this.video = video;
    this.data = data;
    this.offset = 0; // the file's own time of its first frame
    this.nudge = 0; // frames that it is shown ahead of what it is asked for
    this.target = null;
    this.playing = false;
    this.shown = null; // the frame on screen: its time, and when it came there
  }

  /** Resolves once frames can be addressed. Raises where the browser cannot decode the file. */
  async open() {
    const times = frameTimes(this.data.times).catch(() => null);
    await decodable(this.video);
    this.times = (await times) ?? evenTimes(this.data.duration ?? this.video.duration);
    this.offset = await firstFrame(this.video);
  }

  /** Seconds that `nudge` frames last. */
  get shift() {
    return this.nudge && this.times.length > 1 ? (this.nudge * (this.times.at(-1) - this.times[0])) / (this.times.length - 1) : 0;
  }

  /** The time that it was asked for, and goes on from. */
  get time() {
    return this.video.currentTime - this.offset - this.shift;
  }

  /** The time that the screen shows, which runs on between frames. The media clock can be some frames off it. */
  get onScreen() {
    if (!this.shown || !this.playing) return this.time;
    const since = (performance.now() - this.shown.when) / 1000;
    return this.shown.time + Math.min(Math.max(since, -0.05), 0.15) * this.video.playbackRate;
  }

  /** Go on with the same file at another address, from where it is. */
  async readdress(address) {
    const at = this.video.currentTime;
    this.video.src = address;
    await decodable(this.video).catch(() => {}); // whatever is wrong with it is told by its own event
    this.video.currentTime = at;
    if (this.playing) await this.video.play().catch(() => {});
  }

  get seeking() {
    return this.video.seeking;
  }

  /** Seconds that the frame at `seconds` is shown for. */
  frameLength(seconds) {
    const number = Math.min(frameAt(this.times, seconds), this.times.length - 2);
    return number < 0 ? 0.04 : this.times[number + 1] - this.times[number];
  }

  /** Show the frame at `seconds`. Asked again meanwhile, the newest wish wins; resolves when the last is shown. */
  seek(seconds) {
    const number = Math.min(Math.max(frameAt(this.times, seconds) + this.nudge, 0), this.times.length - 1);
    const start = this.times[number] ?? 0;
    const end = this.times[number + 1] ?? start + 0.01;
    this.target = start + 0.35 * (end - start) + this.offset; // well inside, so that rounding cannot miss the frame
    this.settled ??= this.#settle();
    return this.settled;
  }

  async #settle() {
    await null; // `settled` must be set before it is cleared below
    while (this.target !== null) {
      const target = this.target;
      this.target = null;
      if (Math.abs(this.video.currentTime - target) < 0.0005) continue;
      this.video.currentTime = target;
      await once(this.video, "seeked", 5000);
    }
    this.settled = null;
  }

  async play(rate) {
    this.setRate(rate);
    this.playing = true;
    if (!this.video.paused) return;
    await this.video.play().catch(() => {}); // paused again before it began
  }

  pause() {
    this.playing = false;
    this.video.pause();
  }

  setRate(rate) {
    const possible = Math.min(Math.max(rate, 0.0625), 16);
    if (Math.abs(this.video.playbackRate - possible) > 0.004) this.video.playbackRate = possible;
  }

  /** Whether it is silent. Where nobody listens pitch is let go, because keeping it makes each change of rate cost time. */
  set muted(muted) {
    if (this.video.muted !== muted) this.video.muted = muted;
    if (this.video.preservesPitch === muted) this.video.preservesPitch = !muted;
  }

  /** Call `tell` with the time of each frame as it is shown; now and then with the clock where none is. */
  onFrame(tell) {
    const next = (_, frame) => {
      this.shown = { time: frame.mediaTime - this.offset - this.shift, when: frame.expectedDisplayTime };
      if (!this.video.seeking) tell(this.shown.time);
      this.video.requestVideoFrameCallback(next);
    };
    this.video.requestVideoFrameCallback(next);
    this.video.addEventListener("timeupdate", () => !this.video.seeking && document.hidden && tell(this.time));
    this.video.addEventListener("ended", () => tell(Infinity));
  }
}

function once(target, name, milliseconds) {
  return new Promise((done) => {
    target.addEventListener(name, done, { once: true });
    setTimeout(done, milliseconds);
  });
}

function decodable(video) {
  return new Promise((done, refuse) => {
    const check = () => (video.videoWidth ? done() : refuse(new Error("no picture")));
    const fail = () => refuse(new Error("not playable"));
    if (video.error || video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) fail();
    else if (video.readyState >= HTMLMediaElement.HAVE_METADATA) check();
    video.addEventListener("loadedmetadata", check, { once: true });
    video.addEventListener("error", fail, { once: true });
  });
}

/** The file's own time of its first frame: some do not begin at 0, while Sage's frame times do. Nobody may seek meanwhile. */
export async function firstFrame(video) {
  const shown = new Promise((done) => {
    video.requestVideoFrameCallback((_, frame) => done(frame.mediaTime));
    setTimeout(() => done(0), CALM_MS);
  });
  video.currentTime = 0;
  return shown;
}
