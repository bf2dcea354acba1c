// The comparison comes alive: both sides opened, then everything around them.
import { wantedMoment, wireAddress } from "./address.js";
import { Cut } from "./cut.js";
import { wireDifferences } from "./differences.js";
import { Loop } from "./loop.js";
import { wireOffsets } from "./offsets.js";
import { wireOverlays } from "./overlays.js";
import { wireRegister } from "./register.js";
import { Side } from "./side.js";
import { Sound } from "./sound.js";
import { StillSide } from "./still-side.js";
import { wireThreshold } from "./threshold.js";
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
cut.addEventListener("change", () => walk.realign(cut.alignment));

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
  nudge: wireOffsets(root, walk),
});
for (const screen of root.querySelectorAll(".player .screen")) {
  screen.addEventListener("click", () => (walk.playing ? walk.pause() : walk.play()));
}
await walk.seek(wantedMoment(cut.alignment));
wireAddress(walk, views, cut);
root.dataset.ready = "";
