// The comparison comes alive: both sides opened, then everything around them.
import { Address } from "./address.js";
import { wireCopies } from "./copy.js";
import { Cut } from "./cut.js";
import { wireDifferences } from "./differences.js";
import { Loop } from "./loop.js";
import { Offsets } from "./offsets.js";
import { wireOverlays } from "./overlays.js";
import { wireRegister } from "./register.js";
import { Side } from "./side.js";
import { Sound } from "./sound.js";
import { StillSide } from "./still-side.js";
import { wireThreshold } from "./threshold.js";
import { wireTickets } from "./tickets.js";
import { wireTimeline } from "./timeline.js";
import { wireTransport } from "./transport.js";
import { Views } from "./views.js";
import { Walk } from "./walk.js";
import { Zoom } from "./zoom.js";

const root = document.getElementById("compare");
const data = JSON.parse(document.getElementById("stage-data").textContent);

async function open(name) {
  const player = root.querySelector(`#player-${name}`);
  const video = player.querySelector("video");
  const side = new Side(video, data[name]);
  video.controls = false;
  try {
    await side.open();
    return side;
  } catch {
    player.querySelector("p.plain").hidden = false;
    const stills = new StillSide(video, data[name]);
    await stills.open();
    return stills;
  }
}

const cut = new Cut(data.script);
const zoom = new Zoom(cut.span);
const views = new Views(root);
const [a, b] = await Promise.all([open("a"), open("b")]);
const walk = new Walk(cut.alignment, { a, b });
const offsets = new Offsets(root, walk);
cut.addEventListener("change", () => walk.realign(cut.alignment));

if (root.dataset.tickets) wireTickets(root, walk, data);
wireRegister(root, data);
wireOverlays(root, walk, data.script);
wireTimeline(root, walk, cut, zoom, data);
wireDifferences(root, walk, cut, data);
wireThreshold(root, cut);
wireTransport(root, walk, {
  sound: new Sound(walk, root),
  views,
  loop: new Loop(walk, root.querySelector("[data-do=loop]")),
  zoom,
  offsets,
});
for (const screen of root.querySelectorAll(".player .screen")) {
  screen.addEventListener("click", () => (walk.playing ? walk.pause() : walk.play()));
}
const address = new Address(root, { walk, views, cut, offsets });
wireCopies(root, address);
await address.ready;
root.dataset.ready = "";
