// @ts-check
// Links to a moment beside the players (words, text on screen and notes): a click seeks both players to that moment, and shows the box of
// a text while it is visible.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {HTMLElement} root
 * @param {SyncPlayback} playback
 */
export function setUpWords(root, playback) {
  /** @type {{side: Side, from: number, until: number, rect: SVGElement} | null} */
  let shown = null;

  /** Keep the box over the picture as long as its text is visible. Other scripts replace the boxes of differences. */
  function drawBox() {
    if (!shown) return;
    const seconds = playback.position[shown.side];
    const isVisible = seconds >= shown.from - 0.05 && seconds < shown.until;
    const boxes = root.querySelector(`#player-${shown.side} .boxes`);
    if (!isVisible) shown.rect.remove();
    else if (shown.rect.parentNode !== boxes) boxes?.append(shown.rect);
  }

  root.querySelector(".side").addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[data-seconds]");
    if (!(link instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const side = /** @type {Side} */ (link.dataset.side);
    const from = Number(link.dataset.seconds);
    shown?.rect.remove();
    shown = link.dataset.box ? { side, from, until: Number(link.dataset.until), rect: makeBox(link) } : null;
    playback.seek(playback.alignment.timeFromSide(side, from)).then(drawBox);
  });
  playback.addEventListener("change", drawBox);
}

/** @param {HTMLElement} link */
function makeBox(link) {
  const rect = document.createElementNS(SVG, "rect");
  const values = link.dataset.box.split(" ");
  rect.setAttribute("class", `${link.dataset.op} text-box`);
  for (const [place, name] of ["x", "y", "width", "height"].entries()) rect.setAttribute(name, values[place]);
  return rect;
}
