// @ts-check
// Run the library: keyboard shortcuts, the menus of the cards, and dragging videos to a collection.
import "./card-preview.js";
import { addShortcuts, toggleShortcutList } from "../../sage/shortcuts.js";
import { chooseFiles } from "../upload/upload.js";
import { deleteVideo, findCollectionName, moveVideo, openMoveDialog, renameVideo } from "./card-actions.js";
import { findCards, findCurrentCard, focusCard, moveFocus, refreshCards } from "./card-grid.js";
import { toggleSelection } from "./compare-picker.js";

const DRAG_TYPE = "application/x-sage-video";

/** @param {(card: HTMLElement) => void} action */
const withCurrentCard = (action) => () => {
  const card = findCurrentCard();
  if (card) action(card);
};

function focusSearch() {
  /** @type {HTMLInputElement | null} */
  const field = document.getElementById("q");
  field?.select();
}

addShortcuts({
  ArrowRight: () => moveFocus(() => 1),
  ArrowLeft: () => moveFocus(() => -1),
  ArrowDown: () => moveFocus((columns) => columns),
  ArrowUp: () => moveFocus((columns) => -columns),
  Home: () => focusCard(findCards()[0]),
  End: () => focusCard(findCards().at(-1)),
  " ": withCurrentCard(toggleSelection),
  F2: withCurrentCard(renameVideo),
  m: withCurrentCard(openMoveDialog),
  Delete: withCurrentCard(deleteVideo),
  u: () => chooseFiles(),
  "/": focusSearch,
  "?": toggleShortcutList,
});

/** @type {Record<string, (card: HTMLElement) => void>} */
const menuActions = {
  rename: renameVideo,
  move: openMoveDialog,
  delete: deleteVideo,
  version: (card) => chooseFiles(card.dataset.video, card.dataset.title),
};

document.addEventListener("click", (event) => {
  const item = /** @type {Element} */ (event.target).closest(".card [data-action]");
  if (!item) return;
  event.preventDefault();
  /** @type {HTMLDetailsElement} */
  const menu = item.closest("details");
  menu.open = false;
  menuActions[item.dataset.action](item.closest(".card"));
});

document.addEventListener("sage:topic:work", ({ detail: { comparison_id, status } }) => {
  if (comparison_id && status !== "in_progress") refreshCards();
});

// --- Drag to a collection in the sidebar ---

/** @type {{video: string, title: string} | null} */
let dragged = null;

document.addEventListener("dragstart", (event) => {
  const card = /** @type {Element} */ (event.target).closest?.("#cards .card[data-video]");
  if (!card) return;
  dragged = { video: card.dataset.video, title: card.dataset.title };
  event.dataTransfer.setData(DRAG_TYPE, dragged.video);
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragend", () => {
  dragged = null;
});

for (const link of document.querySelectorAll(".sidebar [data-collection]")) {
  link.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    link.classList.add("over");
  });
  link.addEventListener("dragleave", () => link.classList.remove("over"));
  link.addEventListener("drop", (event) => {
    link.classList.remove("over");
    if (!dragged) return;
    event.preventDefault();
    const { collection } = link.dataset;
    moveVideo(dragged.video, dragged.title, collection, findCollectionName(collection));
  });
}
