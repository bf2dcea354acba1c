// The library: its keys, the menus of its cards, and videos dragged to a collection.
import "./pick.js";
import "./scrub.js";
import { chooseCollection, move, nameOf, remove, rename } from "./card-acts.js";
import { cards, current, focus, refresh, step } from "./grid.js";
import { listenToKeys, toggleHelp } from "./keys.js";
import { pickNext } from "./pick.js";
import { chooseFiles } from "./upload.js";

const KIND = "application/x-sage-video";
const onCard = (does) => () => current() && does(current());

listenToKeys({
  ArrowRight: () => step(1),
  ArrowLeft: () => step(-1),
  ArrowDown: () => step((columns) => columns),
  ArrowUp: () => step((columns) => -columns),
  Home: () => focus(cards()[0]),
  End: () => focus(cards().at(-1)),
  " ": onCard(pickNext),
  F2: onCard(rename),
  m: onCard(chooseCollection),
  Delete: onCard(remove),
  u: () => chooseFiles(),
  "/": () => document.getElementById("q")?.select(),
  "?": toggleHelp,
});

const acts = { rename, move: chooseCollection, delete: remove, version: (card) => chooseFiles(card.dataset.video, card.dataset.title) };

document.addEventListener("click", (event) => {
  const item = event.target.closest(".card [data-act]");
  if (!item) return;
  event.preventDefault();
  const card = item.closest(".card");
  item.closest("details").open = false;
  acts[item.dataset.act](card);
});

document.addEventListener("sage:news", ({ detail: { comparison_id, status } }) => {
  if (comparison_id && status !== "in_progress") refresh();
});

// --- Dragged to a collection at the side ---

let dragged = null;

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.("#cards .card[data-video]");
  if (!card) return;
  dragged = { video: card.dataset.video, title: card.dataset.title };
  event.dataTransfer.setData(KIND, dragged.video);
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragend", () => (dragged = null));

for (const shelf of document.querySelectorAll(".shelf [data-collection]")) {
  shelf.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    shelf.classList.add("over");
  });
  shelf.addEventListener("dragleave", () => shelf.classList.remove("over"));
  shelf.addEventListener("drop", (event) => {
    shelf.classList.remove("over");
    if (!dragged) return;
    event.preventDefault();
    const { collection } = shelf.dataset;
    move(dragged.video, dragged.title, collection, nameOf(collection));
  });
}
