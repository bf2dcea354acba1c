// @ts-check
// Start the page of a comparison: open both sides, then set up everything around them.
import "../../sage/tabs.js";
import { StillsSide } from "../player/stills-side.js";
import { VideoSide } from "../player/video-side.js";
import { setUpCopyButtons } from "./copy-link.js";
import { setUpDifferences } from "./differences.js";
import { setUpImageRegistration } from "./image-registration.js";
import { setUpOverlays } from "./overlays.js";
import { PageAddress } from "./page-address.js";
import { setUpPageEvents } from "./page-events.js";
import { DifferenceLoop } from "./playback/loop.js";
import { FrameOffsets } from "./playback/offsets.js";
import { SoundSelector } from "./playback/sound.js";
import { SyncPlayback } from "./playback/sync-playback.js";
import { setUpTransport } from "./playback/transport.js";
import { ScriptState } from "./script/script-state.js";
import { renewShareTickets } from "./share-tickets.js";
import { setUpThreshold } from "./threshold.js";
import { setUpTimeline } from "./timeline/timeline.js";
import { TimelineZoom } from "./timeline/zoom.js";
import { ViewModes } from "./view-modes.js";
import { setUpWords } from "./words.js";

const root = document.getElementById("compare");
const data = JSON.parse(document.getElementById("page-data").textContent);

/**
 * Open one side: as a video, or as stills if the browser cannot decode it.
 * @param {string} name
 */
async function openSide(name) {
  const player = root.querySelector(`#player-${name}`);
  const video = player.querySelector("video");
  const side = new VideoSide(video, data[name]);
  player.classList.add("seeking");
  video.controls = false;
  try {
    await side.open();
    return side;
  } catch {
    player.querySelector("p.unplayable").hidden = false;
    const stills = new StillsSide(video, data[name]);
    await stills.open();
    return stills;
  }
}

const state = new ScriptState(data.script);
const zoom = new TimelineZoom(state.duration);
const views = new ViewModes(root);
const [a, b] = await Promise.all([openSide("a"), openSide("b")]);
const playback = new SyncPlayback(state.alignment, { a, b });
const offsets = new FrameOffsets(root, playback);
state.addEventListener("change", () => playback.realign(state.alignment));

if (root.dataset.tickets) renewShareTickets(root, playback, data);
setUpImageRegistration(root, data);
setUpOverlays(root, playback, data.script);
setUpTimeline(root, playback, state, zoom, data);
setUpDifferences(root, playback, state, data);
setUpWords(root, playback);
setUpPageEvents(root, playback);
setUpThreshold(root, state);
setUpTransport(root, playback, {
  sound: new SoundSelector(playback, root),
  views,
  loop: new DifferenceLoop(playback, root.querySelector("[data-do=loop]")),
  zoom,
  offsets,
});
for (const screen of root.querySelectorAll(".player .screen")) {
  screen.addEventListener("click", () => (playback.playing ? playback.pause() : playback.play()));
}
const address = new PageAddress(root, { playback, views, state, offsets });
setUpCopyButtons(root, address);
await address.ready;
root.dataset.ready = "";
