// @ts-check
// Keep notes that were written offline, show that they wait, and send each once.
import { requestJson } from "../sage/request.js";

const RETRY_MS = 30000;
/** @type {HTMLElement | null} */
const list = document.querySelector(".notes-waiting");
const STORE = `sage.notes.${list?.dataset.user}`;

/** @typedef {{key: string, url: string, body: any, drawing: any, error?: string}} WaitingNote */

/** @returns {WaitingNote[]} */
function readWaiting() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) ?? [];
  } catch {
    return [];
  }
}

/** @param {WaitingNote[]} notes */
function storeWaiting(notes) {
  if (notes.length) localStorage.setItem(STORE, JSON.stringify(notes));
  else localStorage.removeItem(STORE);
  show();
}

/** @param {WaitingNote} note */
export function keepNote(note) {
  storeWaiting([...readWaiting().filter(({ key }) => key !== note.key), note]);
}

/** @param {string} key */
function dropNote(key) {
  storeWaiting(readWaiting().filter((note) => note.key !== key));
}

/**
 * @param {string} noteId
 * @param {any} drawing
 */
export function attachDrawing(noteId, drawing) {
  return requestJson(`/v2/notes/${noteId}/attachments`, { method: "POST", body: { kind: "drawing", drawing } });
}

/** Send the notes that wait, oldest first. Two tabs never send at the same time. */
export function sendWaiting() {
  if (!list || !readWaiting().length || !navigator.onLine) return Promise.resolve();
  return navigator.locks.request("sage-notes", async () => {
    for (const note of readWaiting()) {
      if (note.error) continue;
      try {
        const saved = await requestJson(note.url, { method: "POST", body: note.body, idempotencyKey: note.key });
        if (note.drawing) await attachDrawing(saved.id, note.drawing);
      } catch (error) {
        const isFinal = error.status >= 400 && error.status < 500 && ![401, 403, 408, 409, 429].includes(error.status);
        if (!isFinal) return; // it is tried again
        keepNote({ ...note, error: error.message });
        continue;
      }
      dropNote(note.key);
      document.dispatchEvent(new CustomEvent("sage:note-sent"));
    }
  });
}

function show() {
  const notes = readWaiting();
  list.hidden = !notes.length;
  list.replaceChildren(...notes.map(buildRow));
}

/** @param {WaitingNote} note */
function buildRow(note) {
  const row = document.createElement("li");
  const words = Object.assign(document.createElement("span"), { textContent: note.body.text || "No text" });
  const state = Object.assign(document.createElement("small"), { textContent: note.error ?? "Waiting to be sent" });
  const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "Delete" });
  remove.className = "button quiet";
  remove.addEventListener("click", () => dropNote(note.key));
  row.append(words, state, remove);
  row.classList.toggle("bad", Boolean(note.error));
  return row;
}

if (list) {
  show();
  window.addEventListener("online", sendWaiting);
  window.addEventListener("storage", show);
  setInterval(sendWaiting, RETRY_MS);
}
