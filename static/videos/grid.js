// The cards of the library: fetched anew as the address asks for them, and moved over by keys.

import { pause, requestText } from "../sage/request.js";

export const cards = () => [...document.querySelectorAll("#cards .card")];
export const current = () => document.activeElement?.closest?.("#cards .card");
export const titleOf = (card) => card.querySelector("h3 a, h3 input");

let last = Promise.resolve();
let waiting = null;

/** Fetch what is shown anew. Several that ask at once get one answer, and none that was begun before they asked. */
export function refresh() {
  waiting ??= last = last.then(() => pause(100)).then(() => {
    waiting = null;
    return fetchAnew();
  });
  return waiting;
}

async function fetchAnew() {
  const text = await requestText(location.href).catch(() => null); // what is shown stays until the next time
  const page = text && new DOMParser().parseFromString(text, "text/html");
  const shown = page?.getElementById("shown");
  if (!shown) return;
  window.htmx.swap("#shown", shown.outerHTML, { swapStyle: "outerHTML" });
  document.getElementById("recent").replaceWith(page.getElementById("recent"));
  document.dispatchEvent(new CustomEvent("sage:refreshed"));
  for (const count of page.querySelectorAll(".shelf [data-collection] small")) {
    const here = document.querySelector(`.shelf [data-collection="${count.parentElement.dataset.collection}"] small`);
    if (here) here.textContent = count.textContent;
  }
}

export function focus(card) {
  if (!card) return;
  titleOf(card).focus();
  card.scrollIntoView({ block: "nearest" });
}

/** From the card with the focus by a step in the order of the page, or by a row up or down. */
export function step(by) {
  const all = cards();
  const here = all.indexOf(current());
  if (here < 0) return focus(all[0]);
  return focus(all[Math.min(Math.max(here + (typeof by === "number" ? by : by(columns(all))), 0), all.length - 1)]);
}

function columns(all) {
  const top = all[0].offsetTop;
  const next = all.findIndex((card) => card.offsetTop !== top);
  return next < 0 ? all.length : next;
}
