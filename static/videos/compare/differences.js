// @ts-check
// Show the list of differences, page by page: it follows the threshold, seeks to a difference, and marks the current one.
import { DifferenceRows } from "./difference-rows.js";
import { DifferenceReviews } from "./reviews.js";
import { differences, percent } from "./wording.js";

/**
 * @param {HTMLElement} root
 * @param {SyncPlayback} playback
 * @param {ScriptState} state
 * @param {any} data The page's data.
 */
export function setUpDifferences(root, playback, state, data) {
  const reviews = new DifferenceReviews(root, data);
  /** @type {HTMLOListElement} */
  const list = root.querySelector("#differences");
  const rows = new DifferenceRows(root.querySelector("#difference-row"), list, data);
  const [previousPage, nextPage] = [root.querySelector("#list-before"), root.querySelector("#list-after")];
  const similarity = root.querySelector("#similarity");
  const count = root.querySelector("#differing");
  const empty = root.querySelector("#no-differences");
  const panel = list.closest(".side");
  const pageSize = data.rows_a_page;
  let first = Number(list.getAttribute("start") || 1) - 1; // of the page, counted from 0
  let segments = findDifferences();
  /** @type {HTMLElement | null} */
  let currentLink = null;
  /** @type {number | null} */
  let followedIndex = null;

  function findDifferences() {
    return reviews.select(state.shown.segments.filter((segment) => segment.op !== "equal"));
  }

  /** @param {Segment} segment */
  function drawRow(segment) {
    const row = rows.getRow(segment);
    reviews.draw(row, segment);
    return row;
  }

  function draw() {
    first = Math.max(0, Math.min(first, pageSize * Math.floor((segments.length - 1) / pageSize)));
    list.start = first + 1;
    list.replaceChildren(...segments.slice(first, first + pageSize).map(drawRow));
    previousPage.hidden = first === 0;
    nextPage.hidden = first + pageSize >= segments.length;
    empty.hidden = state.shown.segments.some((segment) => segment.op !== "equal");
    currentLink = null;
    markCurrent();
  }

  function markCurrent() {
    const { segment } = playback.position.step;
    const link = segment.op === "equal" ? null : list.querySelector(`a[data-index="${segment.index}"]`);
    if (link === currentLink) return;
    currentLink?.removeAttribute("aria-current");
    currentLink = link;
    if (!link) return;
    link.setAttribute("aria-current", "true");
    const scrolls = panel.scrollHeight > panel.clientHeight && getComputedStyle(panel).overflowY === "auto";
    if (scrolls) scrollToLink(panel, link);
  }

  /**
   * @param {MouseEvent} event
   * @param {number} pages
   */
  const turnPage = (event, pages) => {
    event.preventDefault();
    first += pages * pageSize;
    draw();
    list.scrollIntoView({ block: "nearest" });
  };
  previousPage.addEventListener("click", (event) => turnPage(event, -1));
  nextPage.addEventListener("click", (event) => turnPage(event, 1));

  list.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[data-index]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const place = state.shown.segments.findIndex(({ index }) => index === Number(link.dataset.index));
    playback.seek(playback.alignment.steps[place].start);
  });

  /** Show the page of the current difference when it becomes current. Later the user may turn the pages. */
  function followPlayback() {
    const { segment } = playback.position.step;
    const isNew = segment.index !== followedIndex;
    followedIndex = segment.index;
    const place = isNew && segment.op !== "equal" ? segments.findIndex(({ index }) => index === segment.index) : -1;
    if (place >= 0 && (place < first || place >= first + pageSize)) {
      first = pageSize * Math.floor(place / pageSize);
      draw();
    } else {
      markCurrent();
    }
  }
  playback.addEventListener("change", followPlayback);

  for (const source of [state, reviews]) {
    source.addEventListener("change", () => {
      const focused = /** @type {HTMLElement | null} */ (document.activeElement);
      segments = findDifferences();
      draw();
      if (focused?.isConnected) focused.focus({ preventScroll: true }); // moving a row takes its focus away
    });
  }
  state.addEventListener("recolour", () => {
    const { classification } = state;
    similarity.textContent = `${percent(classification.similarity, classification.differing)} %`;
    count.textContent = differences(classification.differing);
  });
  followPlayback();
}

/**
 * @param {HTMLElement} panel
 * @param {HTMLElement} link
 */
function scrollToLink(panel, link) {
  const [outer, inner] = [panel.getBoundingClientRect(), link.getBoundingClientRect()];
  if (inner.top < outer.top) panel.scrollTop += inner.top - outer.top - 8;
  else if (inner.bottom > outer.bottom) panel.scrollTop += inner.bottom - outer.bottom + 8;
}
