// @ts-check
// Comment on a shared comparison at the second of the chosen side, without loading the page again.
import { requestJson } from "../sage/request.js";
import { showToast } from "../sage/toast.js";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("comment-form"));
const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.querySelector(`[name=${name}]`));
/** @type {PositionDetail | null} */
let positions = null;
/** The exact time of the comment. It is null if the visitor has typed or removed the time. */
let seconds = /** @type {number | null} */ (null);
let isTimeTyped = false;

function getSide() {
  const choice = /** @type {HTMLInputElement} */ (form.querySelector("input[name=side]:checked"));
  return /** @type {"a" | "b"} */ (choice.value);
}

function followPlayback() {
  if (!positions || isTimeTyped || field("text").value) return;
  seconds = positions[getSide()];
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  const clock = minutes < 60 ? [minutes] : [Math.floor(minutes / 60), String(minutes % 60).padStart(2, "0")];
  field("timestamp").value = [...clock, String(whole % 60).padStart(2, "0")].join(":");
}

/** @param {string} timestamp */
function parseTimestamp(timestamp) {
  return timestamp.split(":").reduce((total, part) => total * 60 + Number(part), 0);
}

async function send() {
  const timestamp = field("timestamp").value.trim();
  const typed = timestamp ? parseTimestamp(timestamp) : null;
  const body = {
    name: field("name").value,
    text: field("text").value,
    side: getSide(),
    seconds: isTimeTyped || !timestamp ? typed : seconds,
  };
  await requestJson(form.dataset.api, { method: "POST", body });
  field("text").value = "";
  isTimeTyped = false;
  followPlayback();
  document.getElementById("comments-list").dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  send()
    .catch((error) => showToast(error.message))
    .finally(() => {
      form.ariaBusy = null;
    });
});
form?.addEventListener("input", (event) => {
  const { name } = /** @type {HTMLInputElement} */ (event.target);
  if (name === "timestamp") isTimeTyped = true;
  if (name === "side" && positions && !isTimeTyped) {
    seconds = positions[getSide()];
    followPlayback();
  }
});
document.addEventListener("sage:position", ({ detail }) => {
  positions = detail;
  if (form) followPlayback();
});
document.addEventListener("sage:side", ({ detail }) => {
  if (!form || field("text").value) return;
  form.querySelector(`[name=side][value=${detail.side}]`).click();
});
document.addEventListener("sage:refreshed", ({ detail }) => {
  if (detail?.id !== "comments-list") return;
  const tab = document.querySelector("[data-panel=notes]");
  const { count } = document.getElementById("comments-list").dataset;
  tab.querySelector("small")?.remove();
  tab.append(Object.assign(document.createElement("small"), { className: "num", textContent: count }));
});
