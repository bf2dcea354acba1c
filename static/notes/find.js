// @ts-check
// Find text in the notes beside the player while the user types. Without scripts, the form is sent.

/** @type {HTMLFormElement | null} */
const form = document.querySelector(".notes-find");
/** @type {HTMLInputElement | null} */
const field = form?.querySelector("[type=search]");
const DELAY_MS = 120; // after the last key
/** @type {ReturnType<typeof setTimeout>} */
let timer;

function find() {
  const words = field.value.trim().toLowerCase();
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
  form.hidden = document.getElementById("notes-list").dataset.count === "0";
  if (field.value) find();
});
