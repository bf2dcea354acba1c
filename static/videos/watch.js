// One video with quiet controls of our own: play, seek, step by real frames, sound, full screen, keys.
import { frameAt } from "./align.js";
import { wireGlance } from "./glance.js";
import { listenToKeys, toggleHelp } from "./keys.js";
import { drawWaveform } from "./waveform.js";
import { firstFrame } from "./side.js";
import { clock, evenTimes, frameTimes } from "./times.js";

const player = document.getElementById("player");
const video = player.querySelector("video");
const controls = document.getElementById("controls");
const [line, seek, time, whole, frame, rate] = ["line", "seek", "clock", "length", "frame", "rate"].map((id) => document.getElementById(id));
const play = controls.querySelector("[data-do=toggle]");
const mute = controls.querySelector("[data-do=mute]");
const JUMP_SECONDS = 5;

// Seconds here run from the first frame, as everywhere else. The file's own time of that frame is known once it is shown.
const asked = Number.parseFloat(new URLSearchParams(location.search).get("t") ?? "");
let wish = Number.isFinite(asked) ? asked : null; // where to go then
let first = null;
const now = () => Math.max(0, video.currentTime - (first ?? 0));
const length = () => Math.max(0, (video.duration || 0) - (first ?? 0));

let times = null;
const known = video.dataset.times ? frameTimes(video.dataset.times).catch(() => null) : Promise.resolve(null);
known.then((found) => {
  times = found;
  show();
});

function show() {
  const at = now();
  seek.value = String(at);
  line.style.setProperty("--done", `${(100 * at) / (length() || 1)}%`);
  seek.setAttribute("aria-valuetext", clock(at));
  time.textContent = clock(at);
  frame.textContent = times ? `frame ${frameAt(times, at)}` : "";
  play.classList.toggle("playing", !video.paused);
  play.setAttribute("aria-label", video.paused ? "Play" : "Pause");
  mute.setAttribute("aria-pressed", String(video.muted));
}

function stepFrame(direction) {
  video.pause();
  times ??= evenTimes(length());
  const number = Math.min(Math.max(frameAt(times, now()) + direction, 0), times.length - 1);
  const next = times[number + 1] ?? times[number] + 0.01;
  go(times[number] + 0.35 * (next - times[number]));
}

function go(seconds) {
  if (first === null) wish = seconds;
  else video.currentTime = Math.min(Math.max(seconds, 0), length()) + first;
}
const setRate = (value) => {
  video.playbackRate = value;
  rate.value = String(value);
};
const does = {
  toggle: () => (video.paused ? video.play().catch(() => {}) : video.pause()),
  "frame-back": () => stepFrame(-1),
  "frame-on": () => stepFrame(1),
  mute: () => (video.muted = !video.muted),
  full: () => (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen()),
  help: toggleHelp,
};

controls.addEventListener("click", (event) => does[event.target.closest("[data-do]")?.dataset.do]?.());
rate.addEventListener("change", () => (video.playbackRate = Number(rate.value)));
seek.addEventListener("input", () => go(Number(seek.value)));
video.addEventListener("click", does.toggle);
document.getElementById("stills")?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-seconds]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(Number(link.dataset.seconds));
});
for (const name of ["timeupdate", "seeking", "seeked", "play", "pause", "volumechange", "ended"]) video.addEventListener(name, show);
const smoothly = () => {
  show();
  video.requestVideoFrameCallback(smoothly);
};
video.requestVideoFrameCallback(smoothly);

async function opened() {
  if (!video.videoWidth) return refused();
  first = await firstFrame(video);
  seek.max = String(length());
  whole.textContent = clock(length());
  if (wish !== null) go(wish);
  player.dataset.ready = "";
  return show();
}

function refused() {
  player.querySelector("p.plain").hidden = false;
  controls.hidden = true;
}

const waveform = line.querySelector(".waveform");
if (waveform) drawWaveform(waveform.dataset.from, waveform.children).catch(() => {}); // the line works without it
wireGlance(line, length);
video.controls = false;
if (video.error || video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) refused();
else if (video.readyState >= HTMLMediaElement.HAVE_METADATA) opened();
video.addEventListener("loadedmetadata", opened, { once: true });
video.addEventListener("error", refused, { once: true });

// Once the video is read, its stills and frame times are there, and maybe later a copy that plays where it did not: show
// them, unless somebody is watching.
const facts = () => document.getElementById("facts").dataset;
const played = "copied" in facts();
document.addEventListener("sage:refreshed", () => {
  const isRead = "ready" in facts() && !video.dataset.times;
  const plays = "copied" in facts() && !played && controls.hidden;
  if ((isRead || plays) && video.paused && video.currentTime === 0) location.reload();
});

listenToKeys({
  " ": does.toggle,
  k: does.toggle,
  l: () => (video.paused ? does.toggle() : setRate(video.playbackRate >= 2 ? 4 : video.playbackRate >= 1 ? 2 : 1)),
  j: () => go(now() - JUMP_SECONDS * 2),
  ",": does["frame-back"],
  ".": does["frame-on"],
  ArrowLeft: () => go(now() - JUMP_SECONDS),
  ArrowRight: () => go(now() + JUMP_SECONDS),
  Home: () => go(0),
  End: () => go(length()),
  m: does.mute,
  f: does.full,
  "?": does.help,
});
