// @ts-check
// Find text in the notes beside the player while the user types. Without scripts, the form is sent.

/** @type {HTMLFormElement | null} */
const form = document.querySelector(".notes-find");
/** @type {HTMLInputElement | null} */
const field = form?.querySelector("[type=search]");
const DELAY_MS = 120; // after the last key
/** @type {ReturnType<typeof setTimeout>} */
let timer;

/** Find in the rows on the page, or have the site find in all notes if there are more. */
function find() {
  const words = field.value.trim().toLowerCase();
  const address = new URL(location.href);
  const list = document.getElementById("notes-list");
  const { shown, found } = list.dataset;
  if (shown !== found || address.searchParams.has("find")) {
    if (words === (address.searchParams.get("find") ?? "")) return;
    address.searchParams.delete("from");
    if (words) address.searchParams.set("find", words);
    else address.searchParams.delete("find");
    history.replaceState(history.state, "", address);
    list.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
    return;
  }
  showFound(words);
}

/** @param {string} words */
function showFound(words) {
  let count = 0;
  for (const note of document.querySelectorAll("#notes-list .note")) {
    const texts = [...note.querySelectorAll(".note-text")];
    const isFound = !words || texts.some((text) => text.textContent.toLowerCase().includes(words));
    note.hidden = !isFound;
    count += Number(isFound);
  }
  form.querySelector("[role=status]").textContent = words ? `${count} found` : "";
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  find();
});
field?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, DELAY_MS);
});
field?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  field.value = "";
  find();
  field.blur();
});
document.addEventListener("sage:refreshed", ({ detail }) => {
  if (detail?.id !== "notes-list" || !form) return;
  const { count, found } = document.getElementById("notes-list").dataset;
  form.hidden = count === "0";
  const isFiltered = new URL(location.href).searchParams.has("find");
  if (isFiltered) form.querySelector("[role=status]").textContent = `${found} found`;
  else if (field.value) find();
  else form.querySelector("[role=status]").textContent = "";
});
