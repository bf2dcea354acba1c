// @ts-check
// Scrub through the sprites of a video while the mouse moves over its card.
import { SpriteTrack } from "../player/sprites.js";

const page = document.getElementById("main-column"); // stays while the cards in it are refreshed
/** @type {Map<string, SpriteTrack>} By the URL of the track. */
const tracks = new Map();
/** @type {HTMLElement | null} */
let hoveredStill = null;

/** @param {HTMLElement} still */
function getTrack({ dataset }) {
  const url = dataset.sprites;
  if (!tracks.has(url)) tracks.set(url, new SpriteTrack(() => url));
  return tracks.get(url);
}

/**
 * @param {HTMLElement} still
 * @param {number} share Of the video's duration.
 */
function show(still, share) {
  const canvas = still.querySelector("canvas") ?? insert(still, document.createElement("canvas"));
  getTrack(still).draw(canvas, share * Number(still.dataset.seconds));
  const line = still.querySelector(".scrub") ?? insert(still, document.createElement("span"));
  line.className = "scrub";
  line.style.transform = `scaleX(${share})`;
}

/**
 * @template {Element} T
 * @param {HTMLElement} still
 * @param {T} element
 */
function insert(still, element) {
  still.querySelector("img").after(element);
  return element;
}

function hide() {
  if (hoveredStill) getTrack(hoveredStill).cancel();
  hoveredStill?.querySelector("canvas")?.remove();
  hoveredStill?.querySelector(".scrub")?.remove();
  hoveredStill = null;
}

page.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "mouse") return;
  const still = /** @type {Element} */ (event.target).closest("[data-sprites]");
  if (still !== hoveredStill) hide();
  if (!still) return;
  hoveredStill = still;
  const box = still.getBoundingClientRect();
  show(still, Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1));
});
page.addEventListener("pointerleave", hide);
