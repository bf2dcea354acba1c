// Picking two videos to compare: the bar at the foot says which, swaps them, lets go of them. What is picked stays picked
// while other videos are looked for, so each side is kept here and not in the cards.

const form = document.getElementById("pick");
const room = document.getElementById("room");
const HINTS = { a: "pick the first cut", b: "pick the second" };
const KEPT = `sage.picked.${document.getElementById("upload")?.dataset.user}`;
const picked = recall();

function recall() {
  try {
    return { a: null, b: null, ...JSON.parse(sessionStorage.getItem(KEPT)) };
  } catch {
    return { a: null, b: null };
  }
}

function show() {
  for (const side of ["a", "b"]) {
    for (const input of document.querySelectorAll(`.picks input[name=${side}]`)) input.checked = input.value === picked[side]?.id;
    const words = form.querySelector(`[data-chosen=${side}]`);
    words.textContent = picked[side]?.title ?? HINTS[side];
    words.classList.toggle("is", Boolean(picked[side]));
    const hidden = form.querySelector(`input[type=hidden][name=${side}]`);
    hidden.value = picked[side]?.id ?? "";
    hidden.disabled = Boolean(document.querySelector(`.picks input[name=${side}]:checked`)) || !picked[side];
  }
  form.querySelector("[data-do=compare]").disabled = !(picked.a && picked.b);
  room.classList.toggle("picking", Boolean(picked.a || picked.b));
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(picked));
  } catch {
    // then it is picked on this page only
  }
}

function pick(side, card) {
  const other = side === "a" ? "b" : "a";
  picked[side] = { id: card.dataset.video, title: card.dataset.title };
  if (picked[other]?.id === picked[side].id) picked[other] = null; // one video is not both
  show();
}

/** By the keyboard: let go of it, or make it the side that is still free. */
export function pickNext(card) {
  if (!form || !card.querySelector(".picks")) return;
  const side = ["a", "b"].find((one) => picked[one]?.id === card.dataset.video);
  if (side) picked[side] = null;
  else pick(picked.a ? "b" : "a", card);
  show();
}

/** What is deleted is picked no more. */
export function unpick(video) {
  for (const side of ["a", "b"]) if (picked[side]?.id === video) picked[side] = null;
  if (form) show();
}

const does = {
  swap: () => ([picked.a, picked.b] = [picked.b, picked.a]),
  clear: () => (picked.a = picked.b = null),
};

function listen() {
  document.addEventListener("change", ({ target }) => target.matches(".picks input") && pick(target.name, target.closest(".card")));
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!does[button?.dataset.do]) return;
    does[button.dataset.do]();
    show();
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(KEPT));
  document.addEventListener("htmx:afterSettle", show);
  window.addEventListener("pageshow", show);
  show();
}

if (form) listen();
