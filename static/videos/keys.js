// The keys of a player. Whoever types into a field, or holds Ctrl, Alt or Cmd, means something else.

/** `does` maps a key (as in KeyboardEvent.key, letters in lower case) to what it does. */
export function listenToKeys(does) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const target = event.target;
    if (target.matches("input:not([type=range], [type=radio], [type=checkbox]), textarea, [contenteditable]")) return;
    // Whoever reached a button or a choice by keyboard means it; after a click the keys are the player's again.
    if (target.matches("select:focus-visible")) return;
    if (event.key === " " && target.matches("button:focus-visible, summary:focus-visible")) return;
    if (document.querySelector("dialog[open]") && event.key !== "?") return;
    const action = does[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** The list of keys, opened and closed. */
export function toggleHelp() {
  const dialog = document.getElementById("keys");
  if (dialog.open) dialog.close();
  else dialog.showModal();
}
