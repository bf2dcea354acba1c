// Playing backwards: browsers cannot, so the walk goes back by steps, as fast as frames can be shown.

export class Backwards {
  constructor(walk) {
    this.walk = walk;
    this.speed = 0;
  }

  get running() {
    return this.speed > 0;
  }

  /** Begin, or go twice as fast, up to four times. */
  faster() {
    this.speed = Math.min(4, this.speed ? this.speed * 2 : 1);
    if (this.speed === 1) this.#run();
  }

  stop() {
    this.speed = 0;
  }

  async #run() {
    this.walk.pause();
    let last = performance.now();
    while (this.speed && this.walk.place.walk > 0) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      const frame = this.walk.frameAfter(this.walk.place, -1);
      const due = this.walk.place.walk - ((now - last) / 1000) * this.speed;
      if (due > frame) continue;
      last = now;
      await this.walk.seek(Math.max(0, due));
    }
    this.stop();
  }
}
