// @ts-check
// The service worker: it opens the form on a page of YouTube, takes the token from the site, and sends the notes.
import { ADDRESS } from "./config.js";
import { ALARM, addNote, readState, sendWaiting, signIn } from "./queue.js";

const WATCH_PAGE = /^https:\/\/(www|m)\.youtube\.com\/watch\?/;
const VIDEO_ID = /^[A-Za-z0-9_-]{11}$/;
const TIMESTAMP = /^(\d{1,3}:\d\d|\d{1,4}):\d\d$/;
const MAX_TITLE_LENGTH = 300; // characters
const ICON_SIZES = [16, 32, 48];
// The shape of the site's icon, 18 units wide.
const LEAF = "M3 0h6a9 9 0 0 1 9 9v6a3 3 0 0 1-3 3H9a9 9 0 0 1-9-9V3a3 3 0 0 1 3-3z";
const LEAF_HOLE = "M10 5h1a3 3 0 0 1 3 3v4a1 1 0 0 1-1 1h-1a3 3 0 0 1-3-3V6a1 1 0 0 1 1-1z";

/** @param {number} size Pixels. */
function drawIcon(size) {
  const context = new OffscreenCanvas(size, size).getContext("2d");
  context.scale(size / 18, size / 18);
  context.fillStyle = "#7fb088";
  context.fill(new Path2D(LEAF));
  context.fillStyle = "#0d0f11";
  context.fill(new Path2D(LEAF_HOLE));
  return context.getImageData(0, 0, size, size);
}

async function prepare() {
  await chrome.storage.local.setAccessLevel({ accessLevel: "TRUSTED_CONTEXTS" }); // keeps the token from pages
  await chrome.action.setIcon({ imageData: Object.fromEntries(ICON_SIZES.map((size) => [size, drawIcon(size)])) });
}

/** @param {{id: number, url?: string}} tab The click gives access to this tab until it leaves the page. */
async function openForm(tab) {
  const { account } = await readState();
  if (!account || !WATCH_PAGE.test(tab.url ?? "")) await chrome.runtime.openOptionsPage();
  else await chrome.scripting.executeScript({ target: { tabId: tab.id }, files: ["form.js"] });
}

/**
 * Answer the form.
 * @param {any} message
 */
async function handleMessage({ type, videoId, timestamp, text, title }) {
  if (type === "connect") {
    await chrome.tabs.create({ url: `${ADDRESS}/account/tokens/` });
    return null;
  }
  if (type !== "save") return null;
  if (!VIDEO_ID.test(videoId) || !TIMESTAMP.test(timestamp)) {
    return { state: "failed", message: "Open a video on YouTube, then take the note again." };
  }
  const titleText = String(title ?? "").slice(0, MAX_TITLE_LENGTH);
  const outcome = await addNote(videoId, {
    timestamp,
    text: String(text ?? "").trim() || null,
    video_title: titleText || null,
  });
  return { ...outcome, url: `${ADDRESS}/videos/${videoId}/?panel=notes` };
}

/**
 * Answer a page of the site: what is connected, or take a new token.
 * @param {any} message
 */
async function handleSiteMessage({ type, token, userId, name }) {
  if (type === "connect" && [token, userId, name].every((value) => typeof value === "string" && value)) {
    await signIn({ token, userId, name });
  }
  return { userId: (await readState()).account?.userId ?? null };
}

chrome.runtime.onInstalled.addListener(prepare);
chrome.runtime.onStartup.addListener(async () => {
  await prepare();
  await sendWaiting();
});
chrome.action.onClicked.addListener(openForm);
chrome.alarms.onAlarm.addListener((/** @type {{name: string}} */ { name }) => {
  if (name === ALARM) sendWaiting();
});
self.addEventListener("online", () => sendWaiting());
chrome.runtime.onMessage.addListener(
  (/** @type {any} */ message, /** @type {any} */ sender, /** @type {any} */ answer) => {
    if (sender.id !== chrome.runtime.id || !sender.tab) return false;
    handleMessage(message).then(answer, (error) => answer({ state: "failed", message: error.message }));
    return true; // the answer comes later
  },
);
chrome.runtime.onMessageExternal.addListener(
  (/** @type {any} */ message, /** @type {any} */ sender, /** @type {any} */ answer) => {
    if (sender.origin !== ADDRESS) return false;
    handleSiteMessage(message).then(answer, () => answer(null));
    return true;
  },
);
