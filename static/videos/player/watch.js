// @ts-check
// Play one video: play, seek, step by real frames, sound, full screen, keyboard shortcuts. A video of YouTube has no
// frames to step by.
import { addShortcuts, toggleShortcutList } from "../../sage/shortcuts.js";
import { setText } from "../../sage/text.js";
import { FrameLabel } from "./frame-label.js";
import { estimateFrameTimes, fetchFrameTimes, formatTime, frameAt } from "./frame-times.js";
import { setUpScrubPreview } from "./scrub-preview.js";
import { measureFirstFrame } from "./video-side.js";
import { drawWaveform } from "./waveform.js";
import { YouTubeVideo } from "./youtube-video.js";

const JUMP_SECONDS = 5;

const player = document.getElementById("player");
/** @type {HTMLVideoElement | null} */
const file = player.querySelector("video");
const video = file ?? new YouTubeVideo(player.querySelector("[data-youtube]"));
const controls = document.getElementById("controls");
const seekContainer = document.getElementById("seek-bar");
/** @type {HTMLInputElement} */
const seekBar = document.getElementById("seek");
const timeText = document.getElementById("clock");
const durationText = document.getElementById("duration");
const frameLabel = new FrameLabel(document.getElementById("frame"), () => showState());
/** @type {HTMLSelectElement} */
const rateSelect = document.getElementById("rate");
const playButton = controls.querySelector("[data-do=toggle]");
const muteButton = controls.querySelector("[data-do=mute]");

// Seconds count from the first frame, as everywhere in Sage. The file's own time of that frame is known once it is shown.
const parameter = Number.parseFloat(new URLSearchParams(location.search).get("t") ?? "");
let pendingSeek = Number.isFinite(parameter) ? parameter : null;
/** @type {number | null} */
let firstFrameTime = null;
const getTime = () => Math.max(0, video.currentTime - (firstFrameTime ?? 0));
const getDuration = () => Math.max(0, (video.duration || 0) - (firstFrameTime ?? 0));

/** @type {Float64Array | null} */
let frameTimes = null;

async function loadFrameTimes() {
  const url = video.dataset.times;
  frameTimes = url ? await fetchFrameTimes(url).catch(() => /** @type {Float64Array} */ (null)) : null;
  showState();
}

function showState() {
  const time = getTime();
  seekBar.value = String(time);
  seekContainer.style.setProperty("--done", `${(100 * time) / (getDuration() || 1)}%`);
  seekBar.setAttribute("aria-valuetext", formatTime(time));
  setText(timeText, formatTime(time));
  if (frameTimes) frameLabel.show(frameTimes, time);
  document.dispatchEvent(new CustomEvent("sage:time", { detail: { time } }));
  playButton.classList.toggle("playing", !video.paused);
  playButton.setAttribute("aria-label", video.paused ? "Play" : "Pause");
  muteButton.setAttribute("aria-pressed", String(video.muted));
}

/** @param {number} direction 1 or -1. */
function stepFrame(direction) {
  if (!file) return;
  video.pause();
  frameTimes ??= estimateFrameTimes(getDuration());
  const number = Math.min(Math.max(frameAt(frameTimes, getTime()) + direction, 0), frameTimes.length - 1);
  const next = frameTimes[number + 1] ?? frameTimes[number] + 0.01;
  seek(frameTimes[number] + 0.35 * (next - frameTimes[number]));
}

/** @param {number} seconds */
function seek(seconds) {
  if (firstFrameTime === null) pendingSeek = seconds;
  else video.currentTime = Math.min(Math.max(seconds, 0), getDuration()) + firstFrameTime;
}

/** @param {number} rate */
function setRate(rate) {
  video.playbackRate = rate;
  rateSelect.value = String(rate);
}

function togglePlay() {
  if (video.paused) video.play().catch(() => {});
  else video.pause();
}

function playFaster() {
  if (video.paused) togglePlay();
  else setRate(video.playbackRate >= 2 ? 4 : video.playbackRate >= 1 ? 2 : 1);
}

function toggleMute() {
  video.muted = !video.muted;
}

function toggleFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else player.requestFullscreen();
}

/** @type {Record<string, () => void>} */
const actions = {
  toggle: togglePlay,
  "frame-back": () => stepFrame(-1),
  "frame-on": () => stepFrame(1),
  mute: toggleMute,
  full: toggleFullScreen,
  help: toggleShortcutList,
};

controls.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-do]");
  actions[button?.dataset.do]?.();
});
rateSelect.addEventListener("change", () => {
  video.playbackRate = Number(rateSelect.value);
});
seekBar.addEventListener("input", () => seek(Number(seekBar.value)));
file?.addEventListener("click", togglePlay);
document.querySelector(".watch").addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a[data-seconds], .cues li > a:first-child");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  seek(Number(link.dataset.seconds ?? link.parentElement.dataset.start));
});
for (const name of ["timeupdate", "seeking", "seeked", "play", "pause", "volumechange", "ended"]) {
  video.addEventListener(name, showState);
}

function showStateAtEachFrame() {
  showState();
  file.requestVideoFrameCallback(showStateAtEachFrame);
}

async function handleMetadata() {
  if (!video.videoWidth) {
    showUnplayable();
    return;
  }
  firstFrameTime = file ? await measureFirstFrame(file) : 0;
  seekBar.max = String(getDuration());
  durationText.textContent = formatTime(getDuration());
  if (pendingSeek !== null) seek(pendingSeek);
  player.dataset.ready = "";
  showState();
}

function showUnplayable() {
  const reason = player.querySelector("[data-reason]");
  if (reason) reason.textContent = String(video.error);
  player.querySelector("p.unplayable").hidden = false;
  controls.hidden = true;
}

loadFrameTimes();
file?.requestVideoFrameCallback(showStateAtEachFrame);
const waveform = seekContainer.querySelector(".waveform");
if (waveform) drawWaveform(waveform.dataset.from, waveform.children).catch(() => {}); // the seek bar works without it
setUpScrubPreview(seekContainer, getDuration);
video.controls = false;
if (video.error || video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) showUnplayable();
else if (video.readyState >= HTMLMediaElement.HAVE_METADATA) handleMetadata();
video.addEventListener("loadedmetadata", handleMetadata, { once: true });
video.addEventListener("error", showUnplayable, { once: true });

// Once the video is processed it has stills and frame times, and perhaps a copy that plays. Reload to show them, unless
// the video is being watched.
const getFacts = () => document.getElementById("facts").dataset;
const hadCopy = "hasRendition" in getFacts();
document.addEventListener("sage:refreshed", () => {
  const isProcessed = "ready" in getFacts() && !video.dataset.times;
  const hasNewCopy = "hasRendition" in getFacts() && !hadCopy && controls.hidden;
  if ((isProcessed || hasNewCopy) && video.paused && video.currentTime === 0) location.reload();
});

document.addEventListener("sage:pause", () => video.pause());
document.addEventListener("sage:seek", (event) => {
  const { time, plays } = /** @type {CustomEvent} */ (event).detail;
  seek(time);
  if (plays) video.play().catch(() => {});
});

addShortcuts({
  c: () => document.querySelector("[data-captions]")?.click(),
  " ": togglePlay,
  k: togglePlay,
  l: playFaster,
  j: () => seek(getTime() - JUMP_SECONDS * 2),
  ",": actions["frame-back"],
  ".": actions["frame-on"],
  ArrowLeft: () => seek(getTime() - JUMP_SECONDS),
  ArrowRight: () => seek(getTime() + JUMP_SECONDS),
  Home: () => seek(0),
  End: () => seek(getDuration()),
  m: toggleMute,
  f: toggleFullScreen,
  t: () => frameLabel.button.click(),
  "?": toggleShortcutList,
});
