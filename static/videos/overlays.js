// What lies over the players: the time of each side, boxes around what changed, and a word where a side has nothing.
import { frameAt } from "./align.js";
import { onA } from "./register.js";
import { clock } from "./times.js";

const SVG = "http://www.w3.org/2000/svg";

export function wireOverlays(root, walk, { transforms }) {
  const players = Object.fromEntries(["a", "b"].map((side) => [side, root.querySelector(`#player-${side}`)]));
  const [time, frame] = [root.querySelector("#clock"), root.querySelector("#frame")];
  let shown = null;

  const draw = () => {
    const { place } = walk;
    for (const side of ["a", "b"]) {
      const player = players[side];
      player.querySelector(".at").textContent = clock(Math.max(0, place[side] + walk.sides[side].shift));
      player.classList.toggle("absent", place.absent === side);
      player.querySelector("p.absent").hidden = place.absent !== side;
      if (place.step !== shown) drawBoxes(player.querySelector(".boxes"), place.step.segment, side === "a" ? transforms : []);
    }
    shown = place.step;
    const { lead } = place.step;
    time.textContent = clock(place[lead]);
    frame.textContent = `frame ${frameAt(walk.sides[lead].times, place[lead])} of ${lead.toUpperCase()}`;
  };

  walk.addEventListener("change", draw);
  draw();
}

function drawBoxes(boxes, segment, transforms) {
  if (!boxes) return;
  boxes.replaceChildren(
    ...(segment.regions ?? []).map((region) => {
      const box = document.createElementNS(SVG, "rect");
      box.setAttribute("class", segment.op);
      for (const [name, value] of Object.entries(onA(region, transforms))) box.setAttribute(name, value);
      return box;
    }),
  );
}
