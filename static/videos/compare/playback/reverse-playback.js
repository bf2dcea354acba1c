// @ts-check
// Play backwards, which browsers cannot do, by seeking as fast as frames can be shown.

export class ReversePlayback {
  /** @param {SyncPlayback} playback */
  constructor(playback) {
    this.playback = playback;
    this.speed = 0;
  }

  get isRunning() {
    return this.speed > 0;
  }

  /** Start, or double the speed up to four times. */
  speedUp() {
    this.speed = Math.min(4, this.speed ? this.speed * 2 : 1);
    if (this.speed === 1) this.#run();
  }

  stop() {
    this.speed = 0;
  }

  async #run() {
    const { playback } = this;
    playback.pause();
    let last = performance.now();
    while (this.speed && playback.position.time > 0) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      const previousFrame = playback.timeOfNextFrame(playback.position, -1);
      const due = playback.position.time - ((now - last) / 1000) * this.speed;
      if (due > previousFrame) continue;
      last = now;
      await playback.seek(Math.max(0, due));
    }
    this.stop();
  }
}
