// @ts-check
// The list of words that differ: a click seeks both players to that moment.

/**
 * @param {HTMLElement} root
 * @param {SyncPlayback} playback
 */
export function setUpWords(root, playback) {
  root.querySelector("#words")?.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[data-seconds]");
    if (!(link instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const side = /** @type {Side} */ (link.dataset.side);
    playback.seek(playback.alignment.timeFromSide(side, Number(link.dataset.seconds)));
  });
}
