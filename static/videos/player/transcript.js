// @ts-check
// The transcript beside the player: follow the playback, find words, show captions, and edit a line in place.
import { requestText } from "../../sage/request.js";

const panel = () => document.getElementById("transcript");
/** @type {HTMLElement[] | null} */
let cachedLines = null;
const lines = () => {
  cachedLines ??= [...document.querySelectorAll("#transcript .cues li")].map(
    (line) => /** @type {HTMLElement} */ (line),
  );
  return cachedLines;
};
/** @type {HTMLElement | null} */
let currentLine = null;
let isFollowing = true;
let lastTime = 0;
/** @type {HTMLElement[]} */
let matches = [];
let matchIndex = -1;
let query = "";

// --- Follow the playback ---

/** @param {number} time */
function markCurrentLine(time) {
  lastTime = time;
  const all = lines();
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(all[middle].dataset.start) <= time + 0.02) low = middle + 1;
    else high = middle;
  }
  const line = all[low - 1];
  const current = line && time < Number(line.dataset.end) + 0.5 ? line : null;
  const previous = currentLine;
  if (previous === current) return;
  currentLine = current;
  previous?.removeAttribute("aria-current");
  current?.setAttribute("aria-current", "true");
  if (current && isFollowing && !current.closest("[hidden]")) scrollToLine(current);
}

/**
 * Scroll the list alone, never the page.
 * @param {HTMLElement} line
 */
function scrollToLine(line) {
  const list = line.parentElement;
  const offset = line.offsetTop - list.offsetTop;
  const isVisible = offset >= list.scrollTop && offset + line.offsetHeight <= list.scrollTop + list.clientHeight;
  if (!isVisible) list.scrollTop = offset - list.clientHeight / 3;
}

/** @param {boolean} value */
function setFollowing(value) {
  isFollowing = value;
  panel().querySelector("[data-follow]")?.setAttribute("aria-pressed", String(value));
  if (value && currentLine) scrollToLine(currentLine);
}

document.addEventListener("sage:time", (event) => markCurrentLine(/** @type {CustomEvent} */ (event).detail.time));

document.addEventListener("sage:refreshed", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.id !== "transcript") return;
  cachedLines = null;
  currentLine = null;
  setFollowing(isFollowing);
  markCurrentLine(lastTime);
  const field = /** @type {HTMLInputElement} */ (panel().querySelector("[data-find]"));
  if (!field || !query) return;
  field.value = query;
  find();
});

// --- Find ---

/** @param {HTMLElement} line */
function highlight(line) {
  const text = line.querySelector("a span");
  const content = text.textContent;
  const parts = [];
  let place = 0;
  const lower = content.toLowerCase();
  for (let at = query ? lower.indexOf(query) : -1; at >= 0; at = lower.indexOf(query, place)) {
    const mark = document.createElement("mark");
    mark.textContent = content.slice(at, at + query.length);
    parts.push(content.slice(place, at), mark);
    place = at + query.length;
  }
  text.replaceChildren(...parts, content.slice(place));
  return place > 0;
}

function find() {
  matches = lines().filter((line) => highlight(line) && query);
  matchIndex = -1;
  showCount();
  const times = matches.map((line) => Number(line.dataset.start));
  document.dispatchEvent(new CustomEvent("sage:found", { detail: { times } }));
}

/** @param {number} direction 1 or -1 */
function goToMatch(direction) {
  if (!matches.length) return;
  matches[matchIndex]?.classList.remove("found");
  matchIndex = (matchIndex + direction + matches.length) % matches.length;
  matches[matchIndex].classList.add("found");
  setFollowing(false);
  scrollToLine(matches[matchIndex]);
  showCount();
}

function showCount() {
  const count = panel().querySelector("[data-count]");
  if (!query) count.textContent = "";
  else if (!matches.length) count.textContent = "No matches";
  else count.textContent = matchIndex < 0 ? String(matches.length) : `${matchIndex + 1} of ${matches.length}`;
}

// --- Captions ---

function toggleCaptions() {
  const [track] = document.querySelector("video").textTracks;
  if (!track) return;
  track.mode = track.mode === "showing" ? "disabled" : "showing";
  panel()
    .querySelector("[data-captions]")
    ?.setAttribute("aria-pressed", String(track.mode === "showing"));
}

// --- Edit a line in place ---

/** @param {HTMLAnchorElement} link */
async function openEditor(link) {
  const line = link.closest("li");
  line.classList.add("opening", "editing"); // a line that is edited is not refreshed
  const page = new DOMParser().parseFromString(await requestText(link.href), "text/html");
  const form = page.querySelector("main form.form");
  if (!form) {
    location.href = link.href;
    return;
  }
  const editor = document.importNode(/** @type {HTMLFormElement} */ (form), true);
  editor.action = link.href;
  editor.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeEditor(line, editor);
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      editor.requestSubmit();
    }
  });
  editor.querySelector("a.quiet")?.addEventListener("click", (event) => {
    event.preventDefault();
    closeEditor(line, editor);
  });
  line.classList.remove("opening");
  line.append(editor);
  editor.querySelector("textarea").focus();
}

/**
 * @param {HTMLElement} line
 * @param {HTMLElement} editor
 */
function closeEditor(line, editor) {
  editor.remove();
  line.classList.remove("editing");
  line.querySelector("a")?.focus();
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (!target.closest("#transcript")) return;
  if (target.closest("[data-follow]")) setFollowing(!isFollowing);
  else if (target.closest("[data-captions]")) toggleCaptions();
  else if (target.closest("[data-find-next]")) goToMatch(1);
  else if (target.closest("[data-find-previous]")) goToMatch(-1);
  else if (target.closest("a.edit")) {
    event.preventDefault();
    const link = /** @type {HTMLAnchorElement} */ (target.closest("a.edit"));
    openEditor(link).catch(() => {
      location.href = link.href;
    });
  }
});
document.addEventListener("input", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (!field.matches("[data-find]")) return;
  query = field.value.trim().toLowerCase();
  find();
});
document.addEventListener("keydown", (event) => {
  const field = /** @type {Element} */ (event.target);
  if (!field.matches("[data-find]") || event.key !== "Enter") return;
  event.preventDefault();
  goToMatch(event.shiftKey ? -1 : 1);
});
document.addEventListener(
  "wheel",
  (event) => {
    if (/** @type {Element} */ (event.target).closest("#transcript .cues") && isFollowing) setFollowing(false);
  },
  { passive: true },
);
