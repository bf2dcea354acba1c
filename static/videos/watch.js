// One video with quiet controls of our own: play, seek, step by real frames, sound, full screen, keys.
import { frameAt } from "./align.js";
import { wireGlance } from "./glance.js";
import { listenToKeys, toggleHelp } from "./keys.js";
import { drawWaveform } from "./waveform.js";
import { clock, evenTimes, frameTimes } from "./times.js";

const player = document.getElementById("player");
const video = player.querySelector("video");
const controls = document.getElementById("controls");
const [line, seek, time, length, frame, rate] = ["line", "seek", "clock", "length", "frame", "rate"].map((id) => document.getElementById(id));
const play = controls.querySelector("[data-do=toggle]");
const mute = controls.querySelector("[data-do=mute]");
const JUMP_SECONDS = 5;

let times = null;
const known = video.dataset.times ? frameTimes(video.dataset.times).catch(() => null) : Promise.resolve(null);
known.then((found) => {
  times = found;
  show();
});

function show() {
  seek.value = String(video.currentTime);
  line.style.setProperty("--done", `${(100 * video.currentTime) / (video.duration || 1)}%`);
  seek.setAttribute("aria-valuetext", clock(video.currentTime));
  time.textContent = clock(video.currentTime);
  frame.textContent = times ? `frame ${frameAt(times, video.currentTime)}` : "";
  play.classList.toggle("playing", !video.paused);
  play.setAttribute("aria-label", video.paused ? "Play" : "Pause");
  mute.setAttribute("aria-pressed", String(video.muted));
}

function stepFrame(direction) {
  video.pause();
  times ??= evenTimes(video.duration);
  const number = Math.min(Math.max(frameAt(times, video.currentTime) + direction, 0), times.length - 1);
  const next = times[number + 1] ?? times[number] + 0.01;
  video.currentTime = times[number] + 0.35 * (next - times[number]);
}

const go = (seconds) => (video.currentTime = Math.min(Math.max(seconds, 0), video.duration || 0));
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

function opened() {
  if (!video.videoWidth) return refused();
  seek.max = String(video.duration);
  length.textContent = clock(video.duration);
  const asked = Number.parseFloat(new URLSearchParams(location.search).get("t") ?? "");
  if (Number.isFinite(asked)) go(asked);
  return show();
}

function refused() {
  player.querySelector("p.plain").hidden = false;
  controls.hidden = true;
}

const waveform = line.querySelector(".waveform");
if (waveform) drawWaveform(waveform.dataset.from, waveform.children).catch(() => {}); // the line works without it
wireGlance(line, () => video.duration || 0);
video.controls = false;
if (video.error || video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) refused();
else if (video.readyState >= HTMLMediaElement.HAVE_METADATA) opened();
video.addEventListener("loadedmetadata", opened, { once: true });
video.addEventListener("error", refused, { once: true });

// Once the video is read, its stills and frame times are there: show them, unless somebody is watching.
document.addEventListener("sage:refreshed", () => {
  const ready = !document.getElementById("facts").hasAttribute("data-open");
  if (ready && !video.dataset.times && video.paused && video.currentTime === 0) location.reload();
});

listenToKeys({
  " ": does.toggle,
  k: does.toggle,
  l: () => (video.paused ? does.toggle() : setRate(video.playbackRate >= 2 ? 4 : video.playbackRate >= 1 ? 2 : 1)),
  j: () => go(video.currentTime - JUMP_SECONDS * 2),
  ",": does["frame-back"],
  ".": does["frame-on"],
  ArrowLeft: () => go(video.currentTime - JUMP_SECONDS),
  ArrowRight: () => go(video.currentTime + JUMP_SECONDS),
  Home: () => go(0),
  End: () => go(video.duration),
  m: does.mute,
  f: does.full,
  "?": does.help,
});
