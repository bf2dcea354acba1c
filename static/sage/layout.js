// @ts-check
// Run the scripts of every page: switch the theme, close menus, and show times in the visitor's time zone.
import { requestText } from "./request.js";

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const TIME_FORMATS = {
  date: { day: "numeric", month: "short", year: "numeric" },
  minute: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
};

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const submitter = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (!form.matches("form.theme") || !submitter) return;
  event.preventDefault();
  const theme = submitter.value;
  document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  const body = new FormData(form);
  body.set("theme", theme);
  // If the cookie cannot be set now, the theme changes for this page only.
  requestText(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
});

/** @returns {NodeListOf<HTMLDetailsElement>} */
const findOpenMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of findOpenMenus()) {
    if (!menu.contains(/** @type {Element} */ (event.target))) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const [menu] = event.key === "Escape" ? findOpenMenus() : [];
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

function localiseTimes() {
  /** @type {NodeListOf<HTMLTimeElement>} */
  const times = document.querySelectorAll("time[data-local]");
  for (const time of times) {
    const format = new Intl.DateTimeFormat("en-GB", TIME_FORMATS[time.dataset.local]);
    time.textContent = format.format(new Date(time.dateTime));
    time.removeAttribute("data-local");
  }
}

localiseTimes();
document.addEventListener("htmx:afterSettle", localiseTimes);
document.addEventListener("sage:refreshed", localiseTimes);
