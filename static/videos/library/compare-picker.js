// @ts-check
// Select two videos to compare. The selection is kept here, not in the cards, so that it stays during a search.

/** @typedef {"a" | "b"} Side */
/** @typedef {{id: string, title: string}} Selected */

const SIDES = /** @type {const} */ (["a", "b"]);
const HINTS = { a: "Select the first video", b: "Select the second video" };
const STORAGE_KEY = `sage.picked.${document.getElementById("upload")?.dataset.user}`;

/** @type {HTMLFormElement | null} */
const form = document.getElementById("compare-bar");
const page = document.getElementById("main-column");
let selection = loadSelection();

/** @returns {Record<Side, Selected | null>} */
function loadSelection() {
  try {
    return { a: null, b: null, ...JSON.parse(sessionStorage.getItem(STORAGE_KEY)) };
  } catch {
    return { a: null, b: null };
  }
}

function saveSelection() {
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(selection));
  } catch {
    // The selection then holds for this page only.
  }
}

function showSelection() {
  for (const side of SIDES) {
    const selected = selection[side];
    /** @type {NodeListOf<HTMLInputElement>} */
    const inputs = document.querySelectorAll(`.compare-choice input[name=${side}]`);
    for (const input of inputs) input.checked = input.value === selected?.id;
    const label = form.querySelector(`[data-chosen=${side}]`);
    label.textContent = selected?.title ?? HINTS[side];
    label.classList.toggle("selected", Boolean(selected));
    /** @type {HTMLInputElement} */
    const hidden = form.querySelector(`input[type=hidden][name=${side}]`);
    hidden.value = selected?.id ?? "";
    hidden.disabled = !selected || Boolean(document.querySelector(`.compare-choice input[name=${side}]:checked`));
  }
  /** @type {HTMLButtonElement} */
  const compareButton = form.querySelector("[data-do=compare]");
  compareButton.disabled = !(selection.a && selection.b);
  page.classList.toggle("has-selection", Boolean(selection.a || selection.b));
  saveSelection();
}

/**
 * @param {Side} side
 * @param {HTMLElement} card
 */
function select(side, card) {
  const other = side === "a" ? "b" : "a";
  selection[side] = { id: card.dataset.video, title: card.dataset.title };
  if (selection[other]?.id === selection[side].id) selection[other] = null; // a video cannot be both sides
  showSelection();
}

/**
 * Select a card for the free side, or deselect it.
 * @param {HTMLElement} card
 */
export function toggleSelection(card) {
  if (!form || !card.querySelector(".compare-choice")) return;
  const side = SIDES.find((name) => selection[name]?.id === card.dataset.video);
  if (side) selection[side] = null;
  else select(selection.a ? "b" : "a", card);
  showSelection();
}

/**
 * Remove a deleted video from the selection.
 * @param {string} video
 */
export function deselect(video) {
  for (const side of SIDES) if (selection[side]?.id === video) selection[side] = null;
  if (form) showSelection();
}

/** @type {Record<string, () => void>} */
const actions = {
  swap: () => {
    selection = { a: selection.b, b: selection.a };
  },
  clear: () => {
    selection = { a: null, b: null };
  },
};

function attachListeners() {
  document.addEventListener("change", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.matches(".compare-choice input")) select(/** @type {Side} */ (input.name), input.closest(".card"));
  });
  form.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-do]");
    const action = actions[button?.dataset.do];
    if (!action) return;
    action();
    showSelection();
  });
  form.addEventListener("submit", () => {
    showSelection(); // cards that have just been replaced have no selected input
    sessionStorage.removeItem(STORAGE_KEY);
  });
  document.addEventListener("htmx:afterSettle", showSelection);
  window.addEventListener("pageshow", showSelection);
  showSelection();
}

if (form) attachListeners();
