// The frame of every page: theme at once, a menu that closes, times in the visitor's zone.
import { requestText } from "./request.js";

const FORMS = {
  date: { day: "numeric", month: "short", year: "numeric" },
  minute: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.theme") || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === theme));
  const body = new FormData(form);
  body.set("theme", theme);
  // The cookie is what lasts; where it cannot be set now, this page at least is right.
  requestText(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

function localise() {
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.textContent = new Intl.DateTimeFormat("en-GB", FORMS[time.dataset.local]).format(new Date(time.dateTime));
    time.removeAttribute("data-local");
  }
}

localise();
for (const event of ["htmx:afterSettle", "sage:refreshed"]) document.addEventListener(event, localise);
