// @ts-check
// Keep the token and the notes that wait, and send each note once with its own Idempotency-Key.
import { ADDRESS } from "./config.js";

const MAX_WAITING = 500; // notes
const TIMEOUT_MS = 15000;
const RETRY_SECONDS = 60; // the shortest delay of an alarm is 30 s
const LATER = new Set([408, 409, 425, 429]); // a retry may succeed
export const ALARM = "send";

/** @typedef {{token: string, userId: string, name: string}} Account */
/** @typedef {{timestamp: string, text: string | null, video_title: string | null}} NoteBody */
/** @typedef {{key: string, userId: string, videoId: string, body: NoteBody, error?: string}} WaitingNote */
/** @typedef {{state: "sent" | "waiting" | "failed" | "signed-out", message: string}} Outcome */

/** @returns {Promise<{account: Account | null, notes: WaitingNote[]}>} */
export function readState() {
  return chrome.storage.local.get({ account: null, notes: [] });
}

/**
 * Change the list of waiting notes. Two changes never overlap.
 * @param {(notes: WaitingNote[]) => WaitingNote[]} change
 */
function changeNotes(change) {
  return navigator.locks.request("notes", async () => {
    const notes = change((await readState()).notes);
    await chrome.storage.local.set({ notes });
    await chrome.action.setBadgeText({ text: notes.length ? String(notes.length) : "" });
  });
}

/** @param {Account} account */
export async function signIn(account) {
  await chrome.storage.local.set({ account });
  await sendWaiting();
}

/** Forget the token. Notes that wait are kept. */
export function signOut() {
  return chrome.storage.local.set({ account: null });
}

/** @param {string} key */
export function removeNote(key) {
  return changeNotes((notes) => notes.filter((note) => note.key !== key));
}

/**
 * Send a note, or keep it until the site can be reached. A note that the site refuses is not kept: the form has it.
 * @param {string} videoId
 * @param {NoteBody} body
 * @returns {Promise<Outcome>}
 */
export async function addNote(videoId, body) {
  const { account, notes } = await readState();
  if (!account)
    return { state: "signed-out", message: "This extension is not connected. Connect it, then save again." };
  if (notes.length >= MAX_WAITING) {
    return { state: "failed", message: `${MAX_WAITING} notes wait already. Connect to Sage, then save again.` };
  }
  const key = crypto.randomUUID();
  await changeNotes((list) => [...list, { key, userId: account.userId, videoId, body }]);
  await sendWaiting();
  const left = (await readState()).notes.find((note) => note.key === key);
  if (!left) return { state: "sent", message: "Saved." };
  if (left.error) {
    await removeNote(key);
    return { state: "failed", message: left.error };
  }
  if ((await readState()).account) {
    return { state: "waiting", message: "Sage cannot be reached. The note is kept, and sent once it can." };
  }
  return { state: "signed-out", message: "The token was revoked. The note is kept. Connect again to send it." };
}

/** Send the notes of the connected user that wait, oldest first. */
export function sendWaiting() {
  return navigator.locks.request("send", async () => {
    const { account, notes } = await readState();
    if (!account) return;
    for (const note of notes) {
      if (note.error || note.userId !== account.userId) continue;
      const response = await post(note, account.token);
      if (response?.status === 401) {
        await signOut();
        return;
      }
      if (!response || response.status >= 500 || LATER.has(response.status)) {
        const seconds = Math.max(RETRY_SECONDS, Number(response?.headers.get("Retry-After")) || 0);
        await chrome.alarms.create(ALARM, { delayInMinutes: seconds / 60 });
        return;
      }
      if (response.ok) await removeNote(note.key);
      else await keepError(note.key, await readError(response));
    }
  });
}

/**
 * @param {WaitingNote} note
 * @param {string} token
 * @returns {Promise<Response | null>} Null if the site cannot be reached.
 */
function post(note, token) {
  return fetch(`${ADDRESS}/v2/videos/${encodeURIComponent(note.videoId)}/notes`, {
    method: "POST",
    credentials: "omit",
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      Accept: "application/json",
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      "Idempotency-Key": note.key,
    },
    body: JSON.stringify(note.body),
  }).catch(() => /** @type {Response} */ (null));
}

/** @param {Response} response */
async function readError(response) {
  const data = await response.json().catch(() => /** @type {any} */ (null));
  return data?.error?.message ?? `Sage refused the note (${response.status}).`;
}

/**
 * @param {string} key
 * @param {string} error
 */
function keepError(key, error) {
  return changeNotes((notes) => notes.map((note) => (note.key === key ? { ...note, error } : note)));
}
