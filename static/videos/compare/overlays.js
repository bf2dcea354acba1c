// @ts-check
// Show over the players the time of each side, boxes around changes, and a note on a side that has nothing.
import { FrameLabel } from "../player/frame-label.js";
import { formatTime } from "../player/frame-times.js";
import { mapBoxToA } from "./image-registration.js";
import { SIDES } from "./script/alignment.js";
import { absence } from "./wording.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {HTMLElement} root
 * @param {SyncPlayback} playback
 * @param {{transforms: Transform[]}} script
 */
export function setUpOverlays(root, playback, { transforms }) {
  const players = { a: root.querySelector("#player-a"), b: root.querySelector("#player-b") };
  const timeText = root.querySelector("#clock");
  const frameLabel = new FrameLabel(root.querySelector("#frame"), () => draw());
  /** @type {Record<Side, Step | null>} */
  const shownSteps = { a: null, b: null };

  /**
   * @param {Side} side
   * @param {Position} position
   */
  const placeBoxes = (side, { step, b }) => {
    const boxes = players[side].querySelectorAll(".boxes rect");
    for (const [index, region] of (step.segment.regions ?? []).entries()) {
      const box = mapBoxToA(findBoxAt(region, b), side === "a" ? transforms : []);
      for (const [name, value] of Object.entries(box)) boxes[index]?.setAttribute(name, String(value));
    }
  };

  const draw = () => {
    const { position } = playback;
    for (const side of SIDES) {
      const player = players[side];
      player.classList.toggle("seeking", !playback.sides[side].settled);
      player.ariaBusy = String(!playback.sides[side].settled);
      // Time and boxes belong to the picture, so they change with it.
      if (!playback.sides[side].settled) continue;
      const seconds = Math.max(0, position[side] + playback.sides[side].offsetSeconds);
      player.querySelector(".at").textContent = formatTime(seconds);
      player.classList.toggle("absent", position.absent === side);
      player.querySelector("p.absent").hidden = position.absent !== side;
      if (position.step !== shownSteps[side]) {
        player.querySelector("p.absent").textContent = absence(position.step.segment, side);
        drawBoxes(player.querySelector(".boxes"), position.step.segment);
        shownSteps[side] = position.step;
        placeBoxes(side, position);
      } else if (hasMovingBoxes(position.step.segment)) placeBoxes(side, position);
    }
    const { lead } = position.step;
    timeText.textContent = formatTime(position[lead]);
    frameLabel.show(playback.sides[lead].times, position[lead], lead.toUpperCase());
  };

  playback.addEventListener("change", draw);
  draw();
}

/**
 * @param {Element | null} container
 * @param {Segment} segment
 */
function drawBoxes(container, segment) {
  if (!container) return;
  const boxes = (segment.regions ?? []).map(() => {
    const box = document.createElementNS(SVG, "rect");
    box.setAttribute("class", segment.op);
    return box;
  });
  container.replaceChildren(...boxes);
}

/** @param {Segment} segment */
function hasMovingBoxes({ regions }) {
  return (regions ?? []).some(({ keyframes }) => keyframes);
}

/**
 * Return the box of a region at a second of B: between its keyframes if it moves.
 * @param {Region} region
 * @param {number} seconds
 * @returns {Box}
 */
export function findBoxAt(region, seconds) {
  const { keyframes } = region;
  if (!keyframes?.length) return region;
  const after = keyframes.find(([at]) => at >= seconds) ?? keyframes.at(-1);
  const before = keyframes.findLast(([at]) => at <= seconds) ?? keyframes[0];
  const share = after[0] > before[0] ? (seconds - before[0]) / (after[0] - before[0]) : 0;
  const [x, y, width, height] = before.slice(1).map((value, index) => value + share * (after[index + 1] - value));
  return { x, y, width, height };
}
