// A side that the browser cannot decode: its stills, over a clock of their own, with the ways of a Side.
import { frameAt } from "./align.js";
import { evenTimes, frameTimes } from "./times.js";

export class StillSide {
  constructor(video, data) {
    this.data = data;
    this.image = new Image();
    this.image.className = "substitute";
    this.image.alt = "";
    video.after(this.image);
    video.hidden = true;
    this.nudge = 0;
    this.at = 0;
    this.since = 0;
    this.rate = 1;
    this.playing = false;
    this.seeking = false;
  }

  async open() {
    this.times = await frameTimes(this.data.times).catch(() => evenTimes(this.data.duration ?? 1));
    this.#show();
  }

  get time() {
    const moved = this.playing ? ((performance.now() - this.since) / 1000) * this.rate : 0;
    return Math.min(this.at + moved, this.data.duration);
  }

  get shift() {
    return this.nudge * this.frameLength(this.at);
  }

  get onScreen() {
    return this.time;
  }

  frameLength(seconds) {
    const number = Math.min(frameAt(this.times, seconds), this.times.length - 2);
    return number < 0 ? 0.04 : this.times[number + 1] - this.times[number];
  }

  async seek(seconds) {
    this.#from(seconds);
    this.#show();
  }

  async play(rate) {
    this.#from(this.time);
    this.rate = rate;
    this.playing = true;
  }

  pause() {
    this.#from(this.time);
    this.playing = false;
  }

  setRate(rate) {
    this.#from(this.time);
    this.rate = rate;
  }

  set muted(_) {}

  onFrame(tell) {
    const next = () => {
      if (this.playing) {
        this.#show();
        tell(this.time >= this.data.duration ? Infinity : this.time);
      }
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }

  #from(seconds) {
    this.at = seconds;
    this.since = performance.now();
  }

  #show() {
    const stills = this.data.stills;
    if (!stills.length) return;
    const number = frameAt(stills, this.time + this.shift);
    const address = this.data.still.replace("still-00000", `still-${String(number).padStart(5, "0")}`);
    if (this.image.getAttribute("src") !== address) this.image.src = address;
  }
}
