// @ts-check
// Set the range of a note from the player, and play the range of a note in a loop.
import { addShortcuts } from "../sage/shortcuts.js";

const panel = document.getElementById("notes");
/** @type {HTMLInputElement | null} */
const endField = panel.querySelector("#notes-composer [name=end_timestamp]");
let time = 0;
/** The end that was set from the player, in seconds. It is exact, where the field is rounded down. @type {number | null} */
let exactEnd = null;
/** The note that is looped. It is null without a loop. @type {{id: string, start: number, end: number} | null} */
let loop = null;

export const getExactEnd = () => exactEnd;

export function resetRange() {
  exactEnd = null;
}

/** @param {number} seconds */
function formatTimestamp(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

function startHere() {
  document.dispatchEvent(new CustomEvent("sage:range-start", { detail: { time } }));
}

function endHere() {
  exactEnd = time;
  endField.value = formatTimestamp(time);
}

/** @param {{id: string, start: number, end: number} | null} next */
function setLoop(next) {
  loop = next;
  showLoop();
  if (loop) seek(loop.start);
}

function showLoop() {
  for (const button of panel.querySelectorAll("[data-loop]")) {
    button.setAttribute("aria-pressed", String(button.closest(".note").id === loop?.id));
  }
}

/** @param {number} seconds */
function seek(seconds) {
  document.dispatchEvent(new CustomEvent("sage:seek", { detail: { time: seconds, plays: true } }));
}

panel.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const button = target.closest("[data-loop]");
  if (button) {
    const { id, dataset } = button.closest(".note");
    setLoop(id === loop?.id ? null : { id, start: Number(dataset.start), end: Number(dataset.end) });
  } else if (target.closest("[data-range=start]")) startHere();
  else if (target.closest("[data-range=end]")) endHere();
  else if (
    loop &&
    target.closest("a[data-seconds]")?.closest(".note").id !== loop.id &&
    target.closest("a[data-seconds]")
  ) {
    setLoop(null);
  }
});
endField?.addEventListener("input", resetRange);
document.addEventListener("sage:time", (event) => {
  time = /** @type {CustomEvent} */ (event).detail.time;
  // A user who seeks away from the range ends its loop.
  if (loop && (time < loop.start - 0.5 || time > loop.end + 1)) setLoop(null);
  else if (loop && time >= loop.end) seek(loop.start);
});
document.addEventListener("sage:refreshed", showLoop);
if (endField) addShortcuts({ i: startHere, o: endHere });
