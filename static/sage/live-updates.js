// @ts-check
// Receive events of the user's work over one socket, and poll if it cannot open.
//
// An element that shows a video or a comparison has data-video or data-comparison, and data-open while work on it is in
// progress. It gets the event `sage:changed`.

const POLL_MS = 3000;
const SAFETY_POLL_MS = 15000; // events can be lost even while the socket is open
const LONGEST_DELAY_MS = 30000;
const CONNECT_MS = 8000;
const SIGNED_OUT = 4401;
/** @type {Record<string, string>} */
const STATE_LABELS = { live: "Live", reconnecting: "Reconnecting", offline: "Offline" };

const badge = document.getElementById("live");
/** @type {Set<string>} Ids of elements that changed while htmx was already refreshing them. */
const changedMeanwhile = new Set();
let state = "";
let attempts = 0;
let lastPoll = Date.now();

/** @param {string} newState */
function showState(newState) {
  if (newState === state || !badge) return;
  state = newState;
  badge.hidden = false;
  badge.dataset.state = newState;
  badge.querySelector(".word").textContent = STATE_LABELS[newState];
}

function connect() {
  const site = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
  const socket = new WebSocket(`${site}/ws/events/?topics=${badge.dataset.topics}`);
  const connectTimer = setTimeout(() => socket.close(), CONNECT_MS);
  socket.addEventListener("open", () => {
    clearTimeout(connectTimer);
    if (attempts) notifyAllOpen();
    attempts = 0;
    showState("live");
  });
  socket.addEventListener("message", ({ data }) => receive(JSON.parse(data)));
  socket.addEventListener("close", ({ code }) => {
    clearTimeout(connectTimer);
    if (code === SIGNED_OUT) reloadIfSignedOut().catch(() => {});
    attempts += 1;
    showState(navigator.onLine && attempts < 4 ? "reconnecting" : "offline");
    const delay = Math.min(1000 * 2 ** (attempts - 1), LONGEST_DELAY_MS) * (0.5 + Math.random());
    setTimeout(connect, delay);
  });
}

/** Reload the page if the user is signed out. If only the socket's session has ended, the socket opens again. */
async function reloadIfSignedOut() {
  const { type } = await fetch("/account/", { method: "HEAD", redirect: "manual", cache: "no-store" });
  if (type === "opaqueredirect") location.reload();
}

/**
 * Pass an event of a topic on to the scripts of the page, as the DOM event `sage:topic:<name>`.
 * @param {{type: string, topic: string, data: any}} message
 */
function receive({ type, topic, data }) {
  if (type !== "event") return;
  document.dispatchEvent(new CustomEvent(`sage:topic:${topic}`, { detail: data }));
}

document.addEventListener("sage:topic:work", ({ detail: work }) => {
  const selector = work.video_id ? `[data-video="${work.video_id}"]` : `[data-comparison="${work.comparison_id}"]`;
  for (const element of document.querySelectorAll(selector)) {
    const isShown = work.status === "in_progress" && showProgress(element, work);
    if (!isShown) notifyChange(element);
  }
});

/**
 * Update the progress bar of a job. Returns whether the page shows one.
 * @param {HTMLElement} element
 * @param {WorkEvent} work
 */
function showProgress(element, work) {
  const container = work.job ? element.querySelector(`[data-job="${work.job}"]`) : element;
  const bar = container?.querySelector("progress");
  if (!bar) return false;
  bar.value = work.progress;
  const percent = container.querySelector("[data-percent]");
  if (percent) percent.textContent = String(Math.floor(work.progress * 100));
  return true;
}

/** @param {HTMLElement} element */
function notifyChange(element) {
  if (element.classList.contains("htmx-request")) {
    changedMeanwhile.add(element.id); // the pending response may be older than this event
  } else {
    element.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
  }
}

/** Notify every element that shows work in progress. */
function notifyAllOpen() {
  lastPoll = Date.now();
  document.dispatchEvent(new CustomEvent("sage:poll"));
  const parts = new Set();
  for (const element of document.querySelectorAll("[data-open]")) {
    const part = element.closest("[data-refresh=live]") ?? element;
    if (!parts.has(part)) notifyChange(element);
    parts.add(part);
  }
}

document.addEventListener("htmx:afterSettle", (event) => {
  const element = /** @type {HTMLElement} */ (event.target);
  if (changedMeanwhile.delete(element.id)) notifyChange(element);
});

setInterval(() => {
  if (Date.now() - lastPoll >= (state === "live" ? SAFETY_POLL_MS : POLL_MS)) notifyAllOpen();
}, 1000);

connect();
