// The comparison comes alive: both sides opened, then everything around them.
import { wantedMoment, wireAddress } from "./address.js";
import { Alignment } from "./align.js";
import { wireDifferences } from "./differences.js";
import { wireOverlays } from "./overlays.js";
import { Side } from "./side.js";
import { Sound } from "./sound.js";
import { StillSide } from "./still-side.js";
import { wireTimeline } from "./timeline.js";
import { wireTransport } from "./transport.js";
import { Walk } from "./walk.js";

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

const alignment = new Alignment(data.segments);
const [a, b] = await Promise.all([open("a"), open("b")]);
const sides = { a, b };
const walk = new Walk(alignment, sides);

wireOverlays(root, walk, data.segments);
wireTimeline(root, walk, Math.max(...data.segments.flatMap((segment) => [segment.a?.[1] ?? 0, segment.b?.[1] ?? 0]), 0.001));
wireDifferences(root, walk);
wireTransport(root, walk, new Sound(walk, root.querySelector("[data-do=mute]"), sides));
for (const video of root.querySelectorAll(".player video")) {
  video.addEventListener("click", () => (walk.playing ? walk.pause() : walk.play()));
}
await walk.seek(wantedMoment(alignment));
wireAddress(walk);
root.dataset.ready = "";
