// The bell: what has ended while its owner was elsewhere. A quiet toast says so at once, the bell keeps it.
import { requestText } from "../sage/request.js";
import { toast } from "../sage/toast.js";

const SOON_MS = 300; // news come in bursts
const POLL_MS = 15000;

const bell = document.getElementById("bell");
const list = document.getElementById("bell-list");
const unread = document.getElementById("unread");
const known = new Set(); // what this page has told, or found there when it was opened
let soon = null;
let asked = Date.now();

const keyOf = ({ dataset }) => `${dataset.notice} ${dataset.at}`;
const isShown = (id) => document.querySelector(`[data-video="${id}"], [data-comparison="${id}"]`) || location.pathname.includes(id);

async function fetchAll() {
  asked = Date.now();
  const page = new DOMParser().parseFromString(await requestText(bell.dataset.list), "text/html");
  return [...page.querySelectorAll("[data-notice]")].filter((item) => "unread" in item.dataset);
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

/** Tell what is new, unless it is on this page anyway: then it has been seen. */
async function look(quietly = false) {
  const items = await fetchAll();
  const here = items.filter((item) => isShown(item.dataset.about));
  const elsewhere = items.filter((item) => !here.includes(item));
  if (here.length) read(here.map((item) => item.dataset.notice));
  count(elsewhere.length);
  for (const item of elsewhere) {
    if (!quietly && !known.has(keyOf(item))) {
      toast(item.querySelector("[data-words]").textContent, { link: { href: item.querySelector("a").getAttribute("href"), words: "Open it" } });
    }
    known.add(keyOf(item));
  }
}

const lookSoon = () => {
  clearTimeout(soon);
  soon = setTimeout(() => look().catch(() => {}), SOON_MS); // the next news ask again
};

document.addEventListener("sage:news", ({ detail: { status, job } }) => {
  if (status === "failed" || (status === "completed" && job !== "probe")) lookSoon();
});
document.addEventListener("sage:poll", () => {
  if (Date.now() - asked > POLL_MS && !document.hidden) lookSoon();
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

if (!unread.hidden) look(true).catch(() => {});
