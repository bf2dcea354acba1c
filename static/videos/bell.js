// The bell: what has ended while its owner was elsewhere. A quiet toast says so at once, the bell keeps it.
import { requestText } from "../sage/request.js";
import { toast } from "../sage/toast.js";

const SOON_MS = 300; // news come in bursts
const POLL_MS = 15000;

const bell = document.getElementById("bell");
const list = document.getElementById("bell-list");
const unread = document.getElementById("unread");
const since = Number(bell.dataset.since); // the server's clock when it made this page
const known = new Set(); // what this page has told or shown
let soon = null;
let asked = Date.now();
let ended = false; // just now, and not looked at yet
let missed = false;

const keyOf = ({ dataset }) => `${dataset.notice} ${dataset.at}`;
const isUnread = ({ dataset }) => "unread" in dataset;
const isShown = ({ dataset: { about } }) =>
  document.querySelector(`[data-video="${about}"], [data-comparison="${about}"]`) || location.pathname.includes(about);

async function fetchAll() {
  asked = Date.now();
  const page = new DOMParser().parseFromString(await requestText(bell.dataset.list), "text/html");
  return [...page.querySelectorAll("[data-notice]")];
}

function count(number) {
  unread.hidden = !number;
  unread.querySelector("[data-count]").textContent = String(number);
}

function read(ids = null) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  body.set("quiet", "");
  for (const id of ids ?? []) body.append("id", id);
  return requestText(bell.dataset.read, { method: "POST", body }).catch(() => {}); // they count as unread a while longer
}

/**
 * Tell what is new, unless it is on this page anyway: then it has been seen.
 * What ended just now is told though another window that shows it may have read it a moment before.
 */
async function look() {
  const justNow = ended;
  ended = false;
  const items = await fetchAll();
  const elsewhere = items.filter((item) => !isShown(item));
  const seen = items.filter((item) => isUnread(item) && !elsewhere.includes(item));
  if (seen.length) read(seen.map((item) => item.dataset.notice));
  count(elsewhere.filter(isUnread).length);
  for (const item of elsewhere) {
    const isNew = Number(item.dataset.at) > since && !known.has(keyOf(item));
    if (isNew && (justNow || isUnread(item))) {
      toast(item.querySelector("[data-words]").textContent, { link: { href: item.querySelector("a").getAttribute("href"), words: "Open it" } });
    }
  }
  for (const item of items) known.add(keyOf(item));
}

const lookSoon = () => {
  clearTimeout(soon);
  missed = document.hidden; // nobody sees this page: neither tell nor read
  if (!missed) soon = setTimeout(() => look().catch(() => {}), SOON_MS); // the next news ask again
};

document.addEventListener("sage:news", ({ detail: { status, job } }) => {
  if (status !== "failed" && (status !== "completed" || job === "probe")) return;
  ended = !document.hidden;
  lookSoon();
});
document.addEventListener("sage:poll", () => {
  if (Date.now() - asked > POLL_MS) lookSoon();
});
document.addEventListener("visibilitychange", () => {
  if (missed) lookSoon();
});

bell.addEventListener("toggle", async () => {
  if (!bell.open) return;
  list.innerHTML = await requestText(bell.dataset.list).catch(() => "");
  document.dispatchEvent(new CustomEvent("sage:refreshed"));
  for (const item of list.querySelectorAll("[data-notice]")) known.add(keyOf(item));
  if (unread.hidden) return;
  await read();
  count(0);
});

if (!unread.hidden) look().catch(() => {});
