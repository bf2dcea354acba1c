// @ts-check
// Handle the keyboard shortcuts of a page. Typing in a field, and Ctrl, Alt or Cmd, are left to the browser.

const MOVE_KEYS = /^(Arrow|Home|End|Page)/;
const TEXT_FIELDS = "input:not([type=range], [type=radio], [type=checkbox]), textarea, [contenteditable]";

/**
 * Add keyboard shortcuts.
 * @param {Record<string, () => void>} actions By KeyboardEvent.key: letters in lower case, `Shift+` before named keys.
 */
export function addShortcuts(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const target = /** @type {Element} */ (event.target);
    if (target.matches(TEXT_FIELDS)) return;
    if (target.matches("[data-own-keys]") && MOVE_KEYS.test(event.key)) return; // they move this slider
    if (target.matches("select") || (event.key === " " && target.matches("button, summary"))) return;
    if (document.querySelector("dialog[open]") && event.key !== "?") return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : `${event.shiftKey ? "Shift+" : ""}${event.key}`;
    const action = actions[key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// A control that was used with the pointer gives up the focus, so that the shortcuts work again.
let usesPointer = false;
document.addEventListener("pointerdown", () => setPointerUse(true), true);
document.addEventListener("keydown", () => setPointerUse(false), true);
document.addEventListener("click", (event) => {
  if (usesPointer) /** @type {Element} */ (event.target).closest("button[data-do]")?.blur();
});
document.addEventListener("change", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (usesPointer && target.matches("select")) target.blur();
});

/** @param {boolean} value */
function setPointerUse(value) {
  usesPointer = value;
}

/** Open or close the list of shortcuts. */
export function toggleShortcutList() {
  /** @type {HTMLDialogElement} */
  const dialog = document.getElementById("keys");
  if (dialog.open) dialog.close();
  else dialog.showModal();
}
