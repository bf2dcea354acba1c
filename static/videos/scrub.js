// Moving the mouse over a card goes through the sprites of its video.
import { Sprites } from "./sprites.js";

const room = document.getElementById("room"); // stays, while the cards in it are fetched anew
const known = new Map(); // by the address of their track
let over = null;

function spritesOf({ dataset }) {
  const address = dataset.sprites;
  if (!known.has(address)) known.set(address, new Sprites(() => address));
  return known.get(address);
}

function show(still, share) {
  const canvas = still.querySelector("canvas") ?? put(still, document.createElement("canvas"));
  spritesOf(still).draw(canvas, share * Number(still.dataset.seconds));
  const line = still.querySelector(".scrub") ?? put(still, Object.assign(document.createElement("span"), { className: "scrub" }));
  line.style.transform = `scaleX(${share})`;
}

function put(still, element) {
  still.querySelector("img").after(element);
  return element;
}

function leave() {
  if (over) spritesOf(over).forget();
  over?.querySelector("canvas")?.remove();
  over?.querySelector(".scrub")?.remove();
  over = null;
}

room.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "mouse") return;
  const still = event.target.closest("[data-sprites]");
  if (still !== over) leave();
  if (!still) return;
  over = still;
  const box = still.getBoundingClientRect();
  show(still, Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1));
});
room.addEventListener("pointerleave", leave);
