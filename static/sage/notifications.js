// @ts-check
// Show notifications: a toast when work ends that this page does not show, and the list in the header's menu.
import { requestText } from "./request.js";
import { showToast } from "./toast.js";

const CHECK_DELAY_MS = 300; // several messages at once cause one request
const POLL_MS = 15000;

/** @type {HTMLDetailsElement} */
const menu = document.getElementById("notifications-menu");
const list = document.getElementById("notifications-menu-list");
const badge = document.getElementById("unread");
const pageTime = Number(menu.dataset.since); // the server's clock when it rendered this page, in seconds
const knownKeys = new Set(); // of notifications that this page has shown
let timer = 0;
let lastCheck = Date.now();
let hasJustEnded = false; // work has ended since the last check
let isCheckMissed = false; // a check was due while the page was hidden

/** @param {HTMLElement} item */
const keyOf = ({ dataset }) => `${dataset.notice} ${dataset.at}`;

/** @param {HTMLElement} item */
const isUnread = ({ dataset }) => "unread" in dataset;

/**
 * Return whether this page shows the video, the comparison or the conversation of a notification.
 * @param {HTMLElement} item
 */
const isOnPage = ({ dataset: { about } }) =>
  Boolean(document.querySelector(`[data-video="${about}"], [data-comparison="${about}"]`)) ||
  Boolean(document.querySelector(`[data-conversation="${about}"]`)?.checkVisibility()) ||
  location.pathname.includes(about);

async function fetchNotifications() {
  lastCheck = Date.now();
  const page = new DOMParser().parseFromString(await requestText(menu.dataset.list), "text/html");
  return Array.from(page.querySelectorAll("[data-notice]"));
}

/** @param {number} count */
function showUnreadCount(count) {
  badge.hidden = !count;
  badge.querySelector("[data-count]").textContent = String(count);
}

/**
 * Mark notifications as read: those with the given ids, or all.
 * @param {string[]} [ids]
 */
async function markRead(ids = []) {
  /** @type {HTMLInputElement} */
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token.value);
  body.set("quiet", "");
  for (const id of ids) body.append("id", id);
  await requestText(menu.dataset.read, { method: "POST", body }).catch(() => {}); // they stay unread until the next time
}

/**
 * Show a toast for each new notification, unless this page shows its subject; then it counts as read.
 *
 * A notification of work that has just ended is shown even if another window has already marked it as read.
 */
async function checkNotifications() {
  const justEnded = hasJustEnded;
  hasJustEnded = false;
  const items = await fetchNotifications();
  const offPage = items.filter((item) => !isOnPage(item));
  const seen = items.filter((item) => isUnread(item) && !offPage.includes(item));
  if (seen.length) markRead(seen.map((item) => item.dataset.notice));
  showUnreadCount(offPage.filter(isUnread).length);
  for (const item of offPage) {
    const isNew = Number(item.dataset.at) > pageTime && !knownKeys.has(keyOf(item));
    if (isNew && (justEnded || isUnread(item))) showNotification(item);
  }
  for (const item of items) knownKeys.add(keyOf(item));
}

/** @param {HTMLElement} item */
function showNotification(item) {
  const href = item.querySelector("a").getAttribute("href");
  showToast(item.querySelector("[data-words]").textContent, { link: { href, label: "Open" } });
}

function scheduleCheck() {
  clearTimeout(timer);
  isCheckMissed = document.hidden; // a toast on a hidden page would not be seen
  if (isCheckMissed) return;
  timer = setTimeout(() => checkNotifications().catch(() => {}), CHECK_DELAY_MS); // the next message tries again
}

document.addEventListener("sage:topic:work", ({ detail: { status, job } }) => {
  if (status !== "failed" && (status !== "completed" || job === "probe")) return;
  hasJustEnded = !document.hidden;
  scheduleCheck();
});
document.addEventListener("sage:topic:conversations", ({ detail: { status } }) => {
  if (status !== "failed" && status !== "complete") return;
  hasJustEnded = !document.hidden;
  scheduleCheck();
});
document.addEventListener("sage:poll", () => {
  if (Date.now() - lastCheck > POLL_MS) scheduleCheck();
});
document.addEventListener("visibilitychange", () => {
  if (isCheckMissed) scheduleCheck();
});

menu.addEventListener("toggle", async () => {
  if (!menu.open) return;
  list.innerHTML = await requestText(menu.dataset.list).catch(() => "");
  document.dispatchEvent(new CustomEvent("sage:refreshed"));
  for (const item of list.querySelectorAll("[data-notice]")) knownKeys.add(keyOf(item));
  if (badge.hidden) return;
  await markRead();
  showUnreadCount(0);
});

if (!badge.hidden) checkNotifications().catch(() => {});
