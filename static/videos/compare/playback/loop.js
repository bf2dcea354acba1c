// @ts-check
// Play one difference repeatedly.

const LEAST_SECONDS = 1; // a shorter difference is played with its surroundings

export class DifferenceLoop {
  /**
   * @param {SyncPlayback} playback
   * @param {HTMLElement} button
   */
  constructor(playback, button) {
    this.playback = playback;
    this.button = button;
    playback.addEventListener("change", () => this.#follow());
  }

  toggle() {
    if (this.playback.loop) this.#set(null);
    else this.#start();
  }

  /** Loop over the current difference, or the nearest one. */
  #start() {
    const { playback } = this;
    const { alignment } = playback;
    let { step } = playback.position;
    if (step.op === "equal") {
      const start = alignment.findDifference(step.start, 1) ?? alignment.findDifference(step.start, -1);
      if (start === null) return;
      step = alignment.stepAt(start);
    }
    this.#set(step);
    const { time } = playback.position;
    if (time < playback.loop.start || time >= playback.loop.end) playback.seek(playback.loop.start);
    playback.play();
  }

  /** @param {Step | null} step */
  #set(step) {
    const { playback } = this;
    if (step) {
      const margin = Math.max(0, LEAST_SECONDS - step.duration) / 2;
      const end = Math.min(playback.alignment.duration, step.start + step.duration + margin);
      playback.loop = { start: Math.max(0, step.start - margin), end };
    } else {
      playback.loop = null;
    }
    this.button.setAttribute("aria-pressed", String(Boolean(step)));
  }

  /** Loop over another difference after a seek to it; end the loop after a seek to an equal segment. */
  #follow() {
    const { loop, position } = this.playback;
    if (!loop || (position.time >= loop.start && position.time <= loop.end)) return;
    this.#set(position.step.op === "equal" ? null : position.step);
  }
}
