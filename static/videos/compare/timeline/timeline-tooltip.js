// @ts-check
// Show a tooltip on the timeline: both times, a still of each side, and the difference under the pointer.
import { formatTime } from "../../player/frame-times.js";
import { SpriteTrack } from "../../player/sprites.js";
import { SIDES } from "../script/alignment.js";
import { absence, title } from "../wording.js";

export class TimelineTooltip {
  /**
   * @param {HTMLElement} box
   * @param {any} data The page's data.
   */
  constructor(box, data) {
    this.box = box;
    this.figures = {
      a: buildFigure(box, () => data.a.sprites),
      b: buildFigure(box, () => data.b.sprites),
    };
    this.summary = box.appendChild(document.createElement("p"));
  }

  /**
   * Show a position of the alignment over the pixel `x` of a timeline that is `width` pixels wide.
   * @param {Position} position
   * @param {number} x
   * @param {number} width
   */
  show(position, x, width) {
    for (const side of SIDES) {
      const { canvas, sprites, missing, caption } = this.figures[side];
      const isPresent = position.absent !== side && sprites;
      canvas.hidden = !isPresent;
      missing.hidden = position.absent !== side;
      missing.textContent = absence(position.step.segment, side);
      if (isPresent) sprites.draw(canvas, position[side]);
      caption.textContent = `${side.toUpperCase()} ${formatTime(position[side])}`;
    }
    const { segment } = position.step;
    const distance = segment.distance ?? null;
    this.summary.textContent = title(segment) + (distance === null ? "" : `, distance ${distance.toFixed(2)}`);
    this.box.hidden = false;
    const half = this.box.offsetWidth / 2;
    this.box.style.left = `${Math.min(Math.max(x, half), Math.max(width - half, half))}px`;
  }

  hide() {
    this.box.hidden = true;
  }
}

/**
 * @param {HTMLElement} box
 * @param {() => string} trackUrl
 */
function buildFigure(box, trackUrl) {
  const figure = box.appendChild(document.createElement("figure"));
  const canvas = figure.appendChild(document.createElement("canvas"));
  const sprites = trackUrl() ? new SpriteTrack(trackUrl) : null;
  const missing = figure.appendChild(document.createElement("span"));
  missing.className = "none";
  const caption = figure.appendChild(document.createElement("figcaption"));
  caption.className = "num";
  return { canvas, sprites, missing, caption };
}
