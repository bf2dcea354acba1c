// @ts-check
// Refresh the cards of the library, and move the focus between them.

import { waitForRelease } from "../../sage/pointer.js";
import { delay, requestText } from "../../sage/request.js";

/** @returns {HTMLElement[]} */
export const findCards = () => Array.from(document.querySelectorAll("#cards .card"));

/** @returns {HTMLElement | undefined} */
export const findCurrentCard = () => document.activeElement?.closest?.("#cards .card");

/**
 * Return the link with the title of a card, or the field in which it is being renamed.
 * @param {HTMLElement} card
 * @returns {HTMLElement}
 */
export const findTitle = (card) => card.querySelector("h3 a, h3 input");

let lastRefresh = Promise.resolve();
/** @type {Promise<void> | null} */
let pendingRefresh = null;

/** Refresh the shown cards. Calls at the same time share one request, which starts after all of them. */
export function refreshCards() {
  if (!pendingRefresh) {
    lastRefresh = lastRefresh
      .then(() => delay(100))
      .then(() => {
        pendingRefresh = null;
        return fetchCards();
      });
    pendingRefresh = lastRefresh;
  }
  return pendingRefresh;
}

// A refresh would close an open menu, discard a title that is being edited, and lose the result of a search.
const isRefreshBlocked = () =>
  Boolean(document.querySelector("#library-results :is(details[open], input.rename), #search-form.htmx-request"));

async function fetchCards() {
  let text = "";
  let address = "";
  do {
    while (isRefreshBlocked()) await delay(300);
    address = location.href;
    text = await requestText(address).catch(() => ""); // the shown cards stay until the next refresh
    await waitForRelease();
  } while (isRefreshBlocked() || address !== location.href);
  const page = text ? new DOMParser().parseFromString(text, "text/html") : null;
  const shown = page?.getElementById("library-results");
  if (!shown) return;
  window.htmx.swap("#library-results", shown.outerHTML, { swapStyle: "outerHTML" });
  document.getElementById("recent").replaceWith(page.getElementById("recent"));
  document.dispatchEvent(new CustomEvent("sage:refreshed"));
  for (const count of page.querySelectorAll(".sidebar [data-collection] small")) {
    const { collection } = count.parentElement.dataset;
    const shownCount = document.querySelector(`.sidebar [data-collection="${collection}"] small`);
    if (shownCount) shownCount.textContent = count.textContent;
  }
}

/** @param {HTMLElement | null | undefined} card */
export function focusCard(card) {
  if (!card) return;
  findTitle(card).focus();
  card.scrollIntoView({ block: "nearest" });
}

/**
 * Move the focus by some cards.
 * @param {(columns: number) => number} getStep Returns the number of cards, given the number of columns.
 */
export function moveFocus(getStep) {
  const cards = findCards();
  const index = cards.indexOf(findCurrentCard());
  if (index < 0) {
    focusCard(cards[0]);
    return;
  }
  const target = index + getStep(countColumns(cards));
  focusCard(cards[Math.min(Math.max(target, 0), cards.length - 1)]);
}

/** @param {HTMLElement[]} cards */
function countColumns(cards) {
  const top = cards[0].offsetTop;
  const next = cards.findIndex((card) => card.offsetTop !== top);
  return next < 0 ? cards.length : next;
}
