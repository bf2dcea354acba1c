// @ts-check
// Review training pairs without loading the page again: by buttons, by keys, and by editing in place.
import { requestJson } from "../sage/request.js";
import { addShortcuts } from "../sage/shortcuts.js";
import { showToast } from "../sage/toast.js";

/** @typedef {{status: string, input: string, output: string, version: number, is_edited: boolean}} Pair */

const page = document.querySelector(".training");
const pairs = [...page.querySelectorAll(".training-pair")];
const LABELS = { new: "New", accepted: "Accepted", rejected: "Rejected" };

/**
 * Change a pair on the server and on the page.
 * @param {HTMLElement} pair
 * @param {Record<string, string>} changes
 * @returns {Promise<boolean>} Whether it was changed.
 */
async function changePair(pair, changes) {
  const url = `/v2/training-sets/${page.dataset.set}/pairs/${pair.dataset.pair}`;
  try {
    showPair(pair, await requestJson(url, { method: "PATCH", body: changes, ifMatch: pair.dataset.version }));
    return true;
  } catch (error) {
    showToast(/** @type {Error} */ (error).message);
    return false;
  }
}

/**
 * @param {HTMLElement} pair
 * @param {Pair} stored
 */
function showPair(pair, stored) {
  pair.dataset.version = String(stored.version);
  pair.dataset.status = stored.status;
  if (stored.status in LABELS) {
    pair.querySelector("[data-status-label]").textContent = LABELS[/** @type {keyof LABELS} */ (stored.status)];
    pair.querySelector("[data-repeats]")?.remove();
    pair.querySelector("[data-review] [value=new]")?.remove();
    pair.classList.remove("is-duplicate");
  }
  pair.querySelector("[data-edited]").hidden = !stored.is_edited;
  pair.querySelector("[data-text=input]").textContent = stored.input;
  pair.querySelector("[data-text=output]").textContent = stored.output;
  for (const field of pair.querySelectorAll("input[name=version]")) {
    /** @type {HTMLInputElement} */ (field).value = String(stored.version);
  }
}

/** @param {SubmitEvent} event */
async function submit(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const pair = form.closest(".training-pair");
  if (!pair) return;
  event.preventDefault();
  if ("review" in form.dataset) {
    await changePair(pair, { status: /** @type {HTMLButtonElement} */ (event.submitter).value });
    return;
  }
  const fields = new FormData(form);
  const changes = { input: String(fields.get("input")), output: String(fields.get("output")) };
  if (await changePair(pair, changes)) {
    form.closest("details").removeAttribute("open");
    pair.focus();
  }
}

/** Return the pair with the focus. */
const findCurrent = () => document.activeElement?.closest(".training-pair");

/** @param {number} step */
function move(step) {
  const current = findCurrent();
  const place = current ? pairs.indexOf(current) + step : 0;
  pairs[Math.max(0, Math.min(pairs.length - 1, place))]?.focus();
}

/** @param {string} status */
async function review(status) {
  const current = findCurrent() ?? pairs[0];
  if (!current) return;
  (pairs[pairs.indexOf(current) + 1] ?? current).focus(); // at once, so that the next key is for the next pair
  if (!(await changePair(current, { status })) && !document.activeElement?.matches("textarea")) current.focus();
}

function edit() {
  const current = findCurrent() ?? pairs[0];
  if (!current) return;
  current.querySelector("details").setAttribute("open", "");
  current.querySelector("textarea").focus();
}

page.addEventListener("submit", submit);
addShortcuts({
  a: () => review("accepted"),
  r: () => review("rejected"),
  e: edit,
  j: () => move(1),
  k: () => move(-1),
});
