// @ts-check
// Notes beside the player: write at the current second, mark what is playing, and save without loading the page again.
//
// A form [data-api] is sent to the API by [data-method]. Without scripts, it is sent to its action.

import { requestJson, requestText, retryRequest } from "../sage/request.js";
import { addShortcuts } from "../sage/shortcuts.js";
import { showToast } from "../sage/toast.js";
import { takePendingDrawing } from "./drawing.js";
import { attachDrawing, keepNote, sendWaiting } from "./outbox.js";
import { getExactEnd, resetRange } from "./ranges.js";

const SHOWN_SECONDS = 10; // how long a note without an end is marked while the video plays
const LISTS = new Set(["tags"]);
const OPTIONAL = new Set(["end_timestamp"]); // sent as null if they are empty

const panel = document.getElementById("notes");
/** @type {HTMLFormElement | null} */
const composer = panel.querySelector("#notes-composer");
/** @type {HTMLTextAreaElement | null} */
const textField = composer?.querySelector("[name=text]");
/** @type {HTMLInputElement | null} */
const timeField = composer?.querySelector("[name=timestamp]");
let time = 0;
/** The exact time of what is being written. It is null if the user has typed a time. */
let noteTime = 0;
let isTimeTyped = false;
/** @type {PositionDetail | null} Where both sides of a comparison are. */
let positions = null;
let focusedSide = "b";
/** Whether the time is that at which N was pressed. It is kept while the video plays. */
let isTimeFixed = false;
/** The notes on the page in order of time. @type {{element: HTMLElement, start: number, end: number}[] | null} */
let cachedNotes = null;

/** @param {number} seconds */
function formatTimestamp(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [, minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
  return parts[0] ? `${parts[0]}:${minutes}:${rest}` : `${Number(minutes)}:${rest}`;
}

// --- Follow the playback ---

/** @param {number} now */
function followPlayback(now) {
  time = now;
  const isFree = !isTimeTyped && !isTimeFixed && document.activeElement !== timeField;
  if (textField && !textField.value && isFree) setNoteTime(time);
  if (!positions) followPages();
  markCurrentNote();
}

/** @param {number} seconds */
function setNoteTime(seconds) {
  noteTime = seconds;
  isTimeTyped = false;
  timeField.value = formatTimestamp(seconds);
}

/**
 * Return the time of the player that a note belongs to.
 * @param {HTMLElement} note
 */
function timeOf(note) {
  return positions && note.dataset.side ? positions[/** @type {"a" | "b"} */ (note.dataset.side)] : time;
}

function listNotes() {
  cachedNotes ??= [...panel.querySelectorAll(".note[data-start]:not([data-general])")].map((element) => {
    const start = Number(element.dataset.start);
    return { element, start, end: Number(element.dataset.end) || start + SHOWN_SECONDS };
  });
  return cachedNotes;
}

/** Return the last note that has begun. On a comparison, each side has its own time. */
function findLastNote() {
  const notes = listNotes();
  if (positions) return notes.findLast(({ element, start }) => start <= timeOf(element) + 0.02);
  let [low, high] = [0, notes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (notes[middle].start <= time + 0.02) low = middle + 1;
    else high = middle;
  }
  return notes[low - 1];
}

// --- Load another page of notes ---

const FOLLOW_MS = 300; // after the last seek
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pageTimer;

/** Load the page of notes at the time of the player, unless the user has chosen a page. */
function followPages() {
  const list = document.getElementById("notes-list");
  if (!list) return; // a guest has no notes
  const { from, until } = list.dataset;
  clearTimeout(pageTimer);
  if (time >= Number(from) - 0.02 && time < Number(until)) return;
  pageTimer = setTimeout(() => {
    if (!new URL(location.href).searchParams.has("from")) showPage({ around: time.toFixed(2) });
  }, FOLLOW_MS);
}

/** @param {Record<string, string>} query What names the page: `from` or `around`. */
function showPage(query) {
  const address = new URL(location.href);
  for (const name of ["from", "around", "note", "deleted"]) address.searchParams.delete(name);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  history.replaceState(history.state, "", address);
  document.getElementById("notes-list").dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
}

panel.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest(".notes-pages a");
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showPage({ from: new URL(link.href).searchParams.get("from") });
});

// --- Mark the current note ---

/** @type {HTMLElement | null} */
let markedNote = null;

function markCurrentNote() {
  const last = findLastNote();
  const current = last && timeOf(last.element) < last.end ? last.element : null;
  const previous = markedNote;
  markedNote = current;
  if (previous === current) return;
  previous?.removeAttribute("aria-current");
  current?.setAttribute("aria-current", "true");
  if (current) requestAnimationFrame(() => scrollToNote(current)); // reads the layout once a frame
}

/**
 * Scroll the list alone, never the page.
 * @param {HTMLElement} note
 */
function scrollToNote(note) {
  const list = note.parentElement;
  if (!list) return; // the list was replaced meanwhile
  const isVisible =
    note.offsetTop >= list.scrollTop && note.offsetTop + note.offsetHeight <= list.scrollTop + list.clientHeight;
  if (!isVisible) list.scrollTop = note.offsetTop - list.clientHeight / 3;
}

/** Write on the side of a comparison that the user pressed last, or on the other if it lacks this footage. */
function followPositions() {
  const side = positions.shown.some((each) => each === focusedSide) ? focusedSide : positions.lead;
  const choice = composer?.querySelector(`[name=side][value=${side}]`);
  if (choice instanceof HTMLInputElement && !textField.value) choice.checked = true;
  const chosen = /** @type {HTMLInputElement | null} */ (composer?.querySelector("[name=side]:checked"));
  followPlayback(positions[/** @type {"a" | "b"} */ (chosen?.value ?? side)]);
}

// --- Save ---

/**
 * Return the fields of a form as the API takes them.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
function readForm(form, submitter) {
  /** @type {Record<string, any>} */
  const body = {};
  for (const [name, value] of new FormData(form, submitter)) {
    if (name === "csrfmiddlewaretoken" || name === "page") continue;
    if (LISTS.has(name)) body[name] = String(value).split(",");
    else if (name === "done") body[name] = value === "true";
    else if (OPTIONAL.has(name)) body[name] = value || null;
    else body[name] = value;
  }
  return body;
}

/** @type {WeakMap<HTMLFormElement, {content: string, key: string}>} */
const keys = new WeakMap();

/**
 * Return a key that stays the same while the form is sent again with the same content, so that a note is created once.
 * @param {HTMLFormElement} form
 * @param {string} content
 */
function getKey(form, content) {
  if (keys.get(form)?.content !== content) keys.set(form, { content, key: crypto.randomUUID() });
  return keys.get(form).key;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
async function save(form, submitter) {
  const { method, restore } = form.dataset;
  const api = form.querySelector("[name=side]:checked")?.dataset.api ?? form.dataset.api;
  let body = method === "DELETE" ? undefined : readForm(form, submitter);
  if (form === composer && !isTimeTyped) {
    const { timestamp: _, end_timestamp: end, ...others } = body;
    body = {
      ...others,
      seconds: noteTime,
      ...(getExactEnd() === null ? { end_timestamp: end } : { end_seconds: getExactEnd() }),
    };
  } else if (form.matches(".editing form.form")) body = dropUnchanged(form, body);
  if (body && !Object.keys(body).length) return closeEditor(form);
  const idempotencyKey = method === "POST" ? getKey(form, JSON.stringify(body)) : "";
  const isNote = method === "POST" && "text" in body;
  const drawing = form === composer ? takePendingDrawing() : null;
  /** @type {HTMLInputElement | null} */
  const known = form.querySelector("[name=known]");
  const send = () => requestJson(api, { method, body, idempotencyKey, ifMatch: known?.value });
  try {
    const saved = await (navigator.onLine ? retryRequest(send) : send());
    if (drawing) await attachDrawing(saved.id, drawing);
  } catch (error) {
    if (error.status === 409) known?.remove(); // the user may save again to replace the other change
    if (!isNote || error.status !== 0) throw error;
    keepNote({ key: idempotencyKey, url: api, body, drawing });
  }
  keys.delete(form);
  if (form === composer) {
    if (!positions) showPage({ around: (isTimeTyped ? time : noteTime).toFixed(2) });
    composer.reset();
    isTimeTyped = false;
    isTimeFixed = false;
    resetRange();
    if (positions) followPositions();
    else followPlayback(time);
  }
  if (form.closest(".editing")) closeEditor(form);
  if (form.matches(".note-answer form")) {
    form.reset();
    /** @type {HTMLDetailsElement} */ (form.closest("details")).open = false;
  }
  if (restore) showToast("Note deleted", { action: { label: "Undo", run: () => undoDeletion(restore) } });
  refresh();
}

/**
 * Return the fields that were changed, so that a time that was not changed stays exact.
 * @param {HTMLFormElement} form
 * @param {Record<string, any>} body
 */
function dropUnchanged(form, body) {
  const changed = Object.entries(body).filter(([name]) => {
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
    return field.value !== field.defaultValue;
  });
  return Object.fromEntries(changed);
}

/** @param {string} url */
function undoDeletion(url) {
  retryRequest(() => requestJson(url, { method: "POST" })).then(refresh, showError);
}

/** @param {Error} error */
function showError(error) {
  showToast(error.message);
}

/** Load the list and the marks in the timeline again. */
function refresh() {
  for (const id of ["notes-list", "video-timeline", "note-marks"]) {
    document.getElementById(id)?.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
  }
}

panel.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.dataset.api) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const focused = /** @type {HTMLElement} */ (document.activeElement);
  if (form !== composer && form.contains(focused)) focused.blur(); // lets the list refresh
  save(form, event.submitter)
    .catch(showError)
    .finally(() => {
      form.ariaBusy = null;
    });
});
panel.addEventListener("keydown", (event) => {
  const field = /** @type {HTMLElement} */ (event.target);
  if (!field.matches("textarea, input") || event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    /** @type {HTMLFormElement} */ (field.closest("form")).requestSubmit();
  } else if (event.key === "Escape") {
    const form = field.closest("form");
    if (form.closest(".editing")) closeEditor(form);
    else field.blur();
  }
});
timeField?.addEventListener("input", () => {
  isTimeTyped = true;
});
textField?.addEventListener("blur", () => {
  if (!textField.value) isTimeFixed = false;
});
document.addEventListener("sage:range-start", (event) => {
  setNoteTime(/** @type {CustomEvent} */ (event).detail.time);
  isTimeFixed = true;
});

// --- Edit in place ---

/** @param {HTMLAnchorElement} link */
async function openEditor(link) {
  const note = link.closest(".note");
  note.classList.add("editing"); // a note that is edited is not refreshed
  const page = new DOMParser().parseFromString(await requestText(link.href), "text/html");
  const form = page.querySelector("main form.form");
  if (!form) {
    location.href = link.href;
    return;
  }
  const editor = document.importNode(/** @type {HTMLFormElement} */ (form), true);
  editor.action = link.href;
  editor.querySelector("a.quiet")?.addEventListener("click", (event) => {
    event.preventDefault();
    closeEditor(editor);
  });
  link.closest(".note-foot").after(editor);
  editor.querySelector("textarea").focus();
}

/** @param {HTMLElement} editor */
function closeEditor(editor) {
  const note = editor.closest(".note");
  editor.remove();
  note.classList.remove("editing");
  refresh(); // the list was not refreshed meanwhile
}

panel.addEventListener("click", (event) => {
  const link = /** @type {HTMLAnchorElement} */ (/** @type {Element} */ (event.target).closest("a[data-edit]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.closest(".editing")) return;
  openEditor(link).catch(() => {
    location.href = link.href;
  });
});

// --- Events of the page ---

document.addEventListener("sage:time", (event) => followPlayback(/** @type {CustomEvent} */ (event).detail.time));
document.addEventListener("sage:position", ({ detail }) => {
  positions = detail;
  followPositions();
});
document.addEventListener("sage:side", ({ detail }) => {
  focusedSide = detail.side;
  if (positions) followPositions();
});
composer?.addEventListener("change", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (field.name !== "side") return;
  focusedSide = field.value;
  noteTime = positions?.[/** @type {"a" | "b"} */ (focusedSide)] ?? noteTime;
  if (positions && !isTimeTyped) timeField.value = formatTimestamp(noteTime);
});
document.addEventListener("sage:note-sent", refresh);
sendWaiting();
document.addEventListener("sage:topic:notes", ({ detail }) => {
  const isShown = Boolean(document.getElementById(`note-${detail.note_id}`)); // also a note of an earlier version
  if (isShown || panel.dataset.videoNotes.split(" ").includes(detail.video_id)) refresh();
});
document.addEventListener("sage:refreshed", ({ detail }) => {
  if (detail?.id !== "notes-list") return;
  cachedNotes = null;
  markedNote = null;
  const tab = document.querySelector("[data-panel=notes]");
  const count = document.getElementById("notes-list").dataset.count;
  tab.querySelector("small")?.remove();
  if (Number(count)) {
    tab.append(Object.assign(document.createElement("small"), { className: "num", textContent: count }));
  }
  markCurrentNote();
});
if (composer) {
  addShortcuts({
    n: () => {
      const { pauses = "true", offset = "0" } = composer.dataset; // a comparison has no preferences
      if (pauses === "true") document.dispatchEvent(new CustomEvent("sage:pause"));
      if (!textField.value && !isTimeFixed) {
        setNoteTime(Math.max(0, time - Number(offset)));
        isTimeFixed = true;
      }
      if (panel.closest("[hidden]")) document.querySelector("[data-panel=notes]").click();
      textField.focus();
    },
  });
}
