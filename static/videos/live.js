// One socket for news of one's own videos and comparisons; where it does not open, polling. Whoever shows something
// marks it with data-video or data-comparison, and data-open while work on it goes on, and hears `sage:changed`.

const POLL_MS = 3000;
const SAFETY_MS = 15000; // news can be lost even while the socket is open
const LONGEST_WAIT_MS = 30000;
const SIGNED_OUT = 4401;
const WORDS = { live: "Live", reconnecting: "Reconnecting", offline: "Offline" };

const badge = document.getElementById("live");
const missed = new Set();
let state = "";
let attempts = 0;
let lastPoll = Date.now();

function say(next) {
  if (next === state || !badge) return;
  state = next;
  badge.hidden = false;
  badge.dataset.state = next;
  badge.querySelector(".word").textContent = WORDS[next];
}

function connect() {
  const site = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
  const socket = new WebSocket(`${site}/ws/videos/?balance=1`);
  const patience = setTimeout(() => socket.close(), 8000);
  socket.addEventListener("open", () => {
    clearTimeout(patience);
    if (attempts) changedAll();
    attempts = 0;
    say("live");
  });
  socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  socket.addEventListener("close", ({ code }) => {
    clearTimeout(patience);
    if (code === SIGNED_OUT) leave().catch(() => {});
    attempts += 1;
    say(navigator.onLine && attempts < 4 ? "reconnecting" : "offline");
    const wait = Math.min(1000 * 2 ** (attempts - 1), LONGEST_WAIT_MS) * (0.5 + Math.random());
    setTimeout(connect, wait);
  });
}

/** Whoever is signed out sees nothing of theirs any more; a socket that only lost its session opens anew. */
async function leave() {
  const { type } = await fetch("/account/", { method: "HEAD", redirect: "manual", cache: "no-store" });
  if (type === "opaqueredirect") location.reload();
}

function hear(news) {
  document.dispatchEvent(new CustomEvent("sage:news", { detail: news }));
  const selector = news.video_id ? `[data-video="${news.video_id}"]` : `[data-comparison="${news.comparison_id}"]`;
  for (const element of document.querySelectorAll(selector)) {
    const shown = news.status === "in_progress" && showProgress(element, news);
    if (!shown) changed(element);
  }
}

/** Move the bar that is there already; false where the page does not show this job as under way yet. */
function showProgress(element, news) {
  const place = news.job ? element.querySelector(`[data-job="${news.job}"]`) : element;
  const bar = place?.querySelector("progress");
  if (!bar) return false;
  bar.value = news.progress;
  const percent = place.querySelector("[data-percent]");
  if (percent) percent.textContent = String(Math.floor(news.progress * 100));
  return true;
}

function changed(element) {
  if (element.classList.contains("htmx-request")) missed.add(element.id); // its answer may be older than this news
  else element.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
}

function changedAll() {
  lastPoll = Date.now();
  document.dispatchEvent(new CustomEvent("sage:poll"));
  const asked = new Set();
  for (const element of document.querySelectorAll("[data-open]")) {
    const whole = element.closest("[data-refresh=live]") ?? element;
    if (!asked.has(whole)) changed(element);
    asked.add(whole);
  }
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (missed.delete(event.target.id)) changed(event.target);
});

setInterval(() => {
  if (Date.now() - lastPoll >= (state === "live" ? SAFETY_MS : POLL_MS)) changedAll();
}, 1000);

connect();
