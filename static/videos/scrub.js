// Moving the mouse over a card goes through the stills of its video.

const cards = document.getElementById("cards");
let over = null;

function show(still, share) {
  const count = Number(still.dataset.stills);
  const number = Math.min(count - 1, Math.floor(share * count));
  const image = still.querySelector("img");
  const address = still.dataset.still.replace("00000", String(number).padStart(5, "0"));
  image.dataset.poster ??= image.getAttribute("src");
  if (image.getAttribute("src") !== address) image.src = address;
  const line = still.querySelector(".scrub") ?? still.appendChild(document.createElement("span"));
  line.className = "scrub";
  line.style.transform = `scaleX(${share})`;
}

function leave() {
  const image = over?.querySelector("img");
  if (image?.dataset.poster) image.src = image.dataset.poster;
  over?.querySelector(".scrub")?.remove();
  over = null;
}

cards.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "mouse") return;
  const still = event.target.closest("[data-stills]");
  if (still !== over) leave();
  if (!still || Number(still.dataset.stills) < 2) return;
  over = still;
  const box = still.getBoundingClientRect();
  show(still, Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1));
});
cards.addEventListener("pointerleave", leave);
