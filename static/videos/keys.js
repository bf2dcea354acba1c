// The keys of a player. Whoever types into a field, or holds Ctrl, Alt or Cmd, means something else.

const MOVING = /^(Arrow|Home|End|Page)/;

/** `does` maps a key (as in KeyboardEvent.key, letters in lower case, `Shift+` before one that has a name) to what it does. */
export function listenToKeys(does) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const target = event.target;
    if (target.matches("input:not([type=range], [type=radio], [type=checkbox]), textarea, [contenteditable]")) return;
    if (target.matches("[data-own-keys]") && MOVING.test(event.key)) return; // a slider moves by these
    if (target.matches("select") || (event.key === " " && target.matches("button, summary"))) return; // reached by keyboard
    if (document.querySelector("dialog[open]") && event.key !== "?") return;
    const action = does[event.key.length === 1 ? event.key.toLowerCase() : `${event.shiftKey ? "Shift+" : ""}${event.key}`];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// After a click or a choice by mouse the keys are the player's again.
let pointed = false;
document.addEventListener("pointerdown", () => (pointed = true), true);
document.addEventListener("keydown", () => (pointed = false), true);
document.addEventListener("click", (event) => pointed && event.target.closest("button[data-do]")?.blur());
document.addEventListener("change", (event) => pointed && event.target.matches("select") && event.target.blur());

/** The list of keys, opened and closed. */
export function toggleHelp() {
  const dialog = document.getElementById("keys");
  if (dialog.open) dialog.close();
  else dialog.showModal();
}
