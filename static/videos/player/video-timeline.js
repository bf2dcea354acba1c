// @ts-check
// The lanes above the seek bar: the playhead, the current chapter, shot and mark, and what was found in the transcript.

const SVG = "http://www.w3.org/2000/svg";
const MAX_HITS = 500; // marks that are drawn

const timeline = () => document.getElementById("video-timeline");
/** @type {HTMLInputElement} */
const seekBar = document.getElementById("seek");
let lastTime = 0;
/** @type {number[]} */
let hits = [];

const getDuration = () => Number(seekBar.max) || 0;

/** @param {number} time */
function showTime(time) {
  lastTime = time;
  const share = `${(100 * time) / (getDuration() || 1)}%`;
  const line = timeline().querySelector(".video-timeline-playhead line");
  line.setAttribute("x1", share);
  line.setAttribute("x2", share);
  for (const lane of timeline().querySelectorAll(".chapters, .shots, .marks")) markCurrent(lane, time);
}

/**
 * The links of each lane with their times, in order, and the current one. A refresh replaces the lanes.
 * @type {WeakMap<Element, {links: HTMLElement[], times: number[], current: HTMLElement | null}>}
 */
const laneLinks = new WeakMap();

/** @param {Element} lane */
function getLinks(lane) {
  if (!laneLinks.has(lane)) {
    const links = [...lane.querySelectorAll("a")];
    laneLinks.set(lane, { links, times: links.map((link) => Number(link.dataset.seconds)), current: null });
  }
  return laneLinks.get(lane);
}

/**
 * @param {Element} lane
 * @param {number} time
 */
function markCurrent(lane, time) {
  const found = getLinks(lane);
  const current = found.links[found.times.findLastIndex((start) => start <= time + 0.02)] ?? null;
  const previous = found.current;
  if (previous === current) return;
  found.current = current;
  previous?.removeAttribute("aria-current");
  current?.setAttribute("aria-current", "true");
}

function showHits() {
  const row = /** @type {HTMLElement} */ (timeline().querySelector(".hits"));
  row.hidden = !hits.length || !getDuration();
  if (hits.length) timeline().hidden = false;
  const lane = row.querySelector("svg");
  for (const link of lane.querySelectorAll("a")) link.remove();
  for (const seconds of hits.slice(0, MAX_HITS)) lane.append(createHit(seconds));
}

/** @param {number} seconds */
function createHit(seconds) {
  const link = document.createElementNS(SVG, "a");
  link.setAttribute("href", `?t=${seconds.toFixed(2)}`);
  link.dataset.seconds = String(seconds);
  link.setAttribute("aria-label", `Found at ${seconds.toFixed(1)} s`);
  const mark = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({
    x: `${(100 * seconds) / getDuration()}%`,
    width: 3,
    height: 12,
    rx: 1,
  })) {
    mark.setAttribute(name, String(value));
  }
  link.append(mark);
  return link;
}

document.addEventListener("sage:time", (event) => showTime(/** @type {CustomEvent} */ (event).detail.time));
document.addEventListener("sage:found", (event) => {
  hits = /** @type {CustomEvent} */ (event).detail.times;
  showHits();
});
document.addEventListener("sage:refreshed", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.id !== "video-timeline") return;
  showTime(lastTime);
  showHits();
});
