// @ts-check
// Notes on a comparison: show those of one difference, and open a note from its mark in the timeline.

const isPlainClick = (/** @type {MouseEvent} */ event) => !event.ctrlKey && !event.metaKey && !event.shiftKey;

/** Show the tab of notes. */
function openPanel() {
  document.querySelector("[data-panel=notes]").click();
}

/**
 * Show the notes of one difference, or all notes.
 * @param {string} index The index of the difference, or an empty string.
 */
function showDifference(index) {
  const address = new URL(location.href);
  if (index) address.searchParams.set("difference", index);
  else address.searchParams.delete("difference");
  history.replaceState(history.state, "", address);
  document.getElementById("notes-list").dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a[data-difference]");
  if (!(link instanceof HTMLAnchorElement) || !isPlainClick(event)) return;
  event.preventDefault();
  const { difference } = link.dataset;
  link.closest("li")?.querySelector("a[data-index]")?.click(); // seeks to the difference
  openPanel();
  showDifference(difference);
  if (difference) document.querySelector("#notes-composer textarea").focus();
});

document.addEventListener("click", (event) => {
  const mark = /** @type {Element} */ (event.target).closest("#note-marks a");
  if (!mark || !isPlainClick(event)) return;
  event.preventDefault();
  const address = new URL(mark.getAttribute("href"), location.href);
  const side = address.searchParams.get("side") === "a" ? "a" : "b";
  const seconds = Number(address.searchParams.get("t"));
  document.dispatchEvent(new CustomEvent("sage:seek", { detail: { side, seconds } }));
  openPanel();
  if (new URL(location.href).searchParams.has("difference")) showDifference("");
  document.getElementById(address.hash.slice(1))?.scrollIntoView({ block: "nearest" });
});

document.addEventListener("sage:refreshed", ({ detail }) => {
  if (detail?.id !== "notes-list") return;
  const counts = JSON.parse(document.getElementById("notes-list").dataset.counts);
  document.dispatchEvent(new CustomEvent("sage:note-counts", { detail: counts }));
});
