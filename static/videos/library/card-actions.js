// @ts-check
// Run the actions of a card: rename in place, move to a collection, delete with undo.
import { RequestError, requestJson } from "../../sage/request.js";
import { showToast } from "../../sage/toast.js";
import { findCards, findTitle, focusCard, refreshCards } from "./card-grid.js";
import { deselect } from "./compare-picker.js";

/** @param {string} id */
const buildUrl = (id) => `/v2/videos/${id}`;

/**
 * Return the shown card of a video: live updates replace cards while a request runs.
 * @param {string} video
 * @returns {HTMLElement | null}
 */
const findCard = (video) => document.getElementById(`video-${video}`);

/**
 * Return the JSON of a response, or undefined after showing why the request failed.
 * @param {string} url
 * @param {JsonOptions} options
 */
async function requestOrShowError(url, options) {
  try {
    return await requestJson(url, options);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    showToast(error.message);
    return undefined;
  }
}

/**
 * Replace the title of a card by a field to rename it.
 * @param {HTMLElement} card
 */
export function renameVideo(card) {
  const link = findTitle(card);
  if (link.matches("input")) return;
  const oldTitle = card.dataset.title;
  const input = document.createElement("input");
  Object.assign(input, { className: "rename", value: oldTitle, maxLength: 300 });
  input.setAttribute("aria-label", `Rename ${oldTitle}`);
  card.draggable = false; // or the text could not be selected
  link.replaceWith(input);
  input.select();
  let isFinished = false;
  /** @param {boolean} saves */
  const finish = async (saves) => {
    if (isFinished) return;
    isFinished = true;
    const title = input.value.trim();
    const hadFocus = document.activeElement === input;
    input.replaceWith(link);
    showTitle(card, card.dataset.title); // an earlier rename may have failed meanwhile
    card.draggable = true;
    if (hadFocus) link.focus();
    if (!saves || !title || title === oldTitle) return;
    showTitle(card, title);
    const { video } = card.dataset;
    const renamed = await requestOrShowError(buildUrl(video), { method: "PATCH", body: { title } });
    showTitle(findCard(video) ?? card, renamed ? renamed.title : oldTitle);
  };
  input.addEventListener("blur", () => finish(true));
  input.addEventListener("keydown", (event) => {
    if (!["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    finish(event.key === "Enter");
  });
}

/**
 * @param {HTMLElement} card
 * @param {string} title
 */
function showTitle(card, title) {
  card.dataset.title = title;
  Object.assign(findTitle(card), { textContent: title, title });
}

// Updates of a card wait while its title is being edited or its menu is open, since they would remove both.
document.addEventListener("htmx:beforeSwap", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const menu = target.matches?.(".card") && target.querySelector("details[open]");
  if (!menu && !target.querySelector?.("input.rename")) return;
  event.detail.shouldSwap = false;
  if (!menu) return;
  const update = () => target.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
  menu.addEventListener("toggle", update, { once: true });
});

/**
 * Delete a video and offer to undo that.
 * @param {HTMLElement} card
 */
export async function deleteVideo(card) {
  const { video, title } = card.dataset;
  const videos = findCards().map((each) => each.dataset.video);
  const place = videos.indexOf(video);
  if ((await requestOrShowError(buildUrl(video), { method: "DELETE" })) === undefined) return;
  const shownCard = findCard(video);
  const hadFocus = shownCard?.contains(document.activeElement) || document.activeElement === document.body;
  shownCard?.remove();
  deselect(video);
  const nearest = [...videos.slice(place + 1), ...videos.slice(0, place).reverse()];
  if (hadFocus) focusCard(nearest.map(findCard).find(Boolean));
  showToast(`“${title}” moved to Trash.`, { action: { label: "Undo", run: () => restoreVideo(video) } });
  await refreshCards();
}

/** @param {string} video */
async function restoreVideo(video) {
  if (!(await requestOrShowError(`${buildUrl(video)}/restore`, { method: "POST" }))) return;
  await refreshCards();
  focusCard(findCard(video));
}

/**
 * Move a video to a collection.
 * @param {string} video
 * @param {string} title
 * @param {string} collection Its id; "" removes the video from its collection.
 * @param {string} name Of the collection.
 */
export async function moveVideo(video, title, collection, name) {
  const body = { collection_id: collection || null };
  if (!(await requestOrShowError(buildUrl(video), { method: "PATCH", body }))) return;
  showToast(collection ? `“${title}” moved to “${name}”.` : `“${title}” removed from its collection.`);
  await refreshCards();
}

/**
 * Open the dialog in which a collection is chosen.
 * @param {HTMLElement} card
 */
export function openMoveDialog(card) {
  /** @type {HTMLDialogElement} */
  const dialog = document.getElementById("move-dialog");
  const { video, title } = card.dataset;
  dialog.returnValue = "stay";
  dialog.showModal();
  const move = () => {
    const collection = dialog.returnValue;
    if (collection !== "stay") moveVideo(video, title, collection, findCollectionName(collection));
  };
  dialog.addEventListener("close", move, { once: true });
}

/** @param {string} collection */
export function findCollectionName(collection) {
  return document.querySelector(`.sidebar [data-collection="${collection}"] span`)?.textContent ?? "";
}
