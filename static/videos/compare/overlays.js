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
        drawBoxes(player.querySelector(".boxes"), position.step.segment, side === "a" ? transforms : []);
        shownSteps[side] = position.step;
      }
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
 * @param {Transform[]} transforms
 */
function drawBoxes(container, segment, transforms) {
  if (!container) return;
  const boxes = (segment.regions ?? []).map((region) => {
    const box = document.createElementNS(SVG, "rect");
    box.setAttribute("class", segment.op);
    for (const [name, value] of Object.entries(mapBoxToA(region, transforms))) box.setAttribute(name, String(value));
    return box;
  });
  container.replaceChildren(...boxes);
}
