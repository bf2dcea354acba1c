// @ts-check
// Show the number of the frame on screen, or its timecode. A click switches between the two.
import { setText } from "../../sage/text.js";
import { formatTimecode, frameAt } from "./frame-times.js";

const STORAGE_KEY = "sage.timecode";

export class FrameLabel {
  /**
   * @param {HTMLElement} button
   * @param {() => void} redraw Called after each switch.
   */
  constructor(button, redraw) {
    this.button = button;
    this.isTimecode = loadChoice();
    button.addEventListener("click", () => {
      this.isTimecode = !this.isTimecode;
      saveChoice(this.isTimecode);
      redraw();
    });
  }

  /**
   * Show the frame of `times` at `seconds`.
   * @param {Float64Array} times
   * @param {number} seconds
   * @param {string} [side] Written before the frame.
   */
  show(times, seconds, side = "") {
    const number = frameAt(times, seconds);
    const text = this.isTimecode ? formatTimecode(times, number) : `frame ${number}`;
    setText(this.button, side ? `${side}, ${text}` : text);
    this.button.title = `${this.isTimecode ? "Show frame number" : "Show timecode"} (t)`;
  }
}

function loadChoice() {
  try {
    return localStorage.getItem(STORAGE_KEY) === "1";
  } catch {
    return false;
  }
}

/** @param {boolean} isTimecode */
function saveChoice(isTimecode) {
  try {
    localStorage.setItem(STORAGE_KEY, isTimecode ? "1" : "0");
  } catch {
    // The choice then holds for this page only.
  }
}
