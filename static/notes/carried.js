// @ts-check
// Notes of earlier versions: show over the picture where it differs, and place a note at the current second.
const SVG = "http://www.w3.org/2000/svg";
const panel = document.getElementById("notes");
/** @type {HTMLVideoElement | null} */
const video = document.querySelector("#player video");
let time = 0;
let shownRegions = "";

/** Draw the boxes of the current note, while the playback is at it. */
function drawRegions() {
  const regions = /** @type {HTMLElement | null} */ (panel.querySelector(".note[aria-current]"))?.dataset.regions ?? "";
  if (regions === shownRegions || !video?.videoWidth) return;
  shownRegions = regions;
  document.getElementById("note-regions")?.remove();
  if (!regions) return;
  const [width, height] = [video.videoWidth, video.videoHeight];
  const picture = createElement("svg", { viewBox: `0 0 ${width} ${height}`, id: "note-regions", class: "regions" });
  const frame = createElement("svg", { width, height, viewBox: "0 0 1 1", preserveAspectRatio: "none" });
  for (const region of JSON.parse(regions)) frame.append(createElement("rect", region));
  picture.setAttribute("aria-hidden", "true");
  picture.append(frame);
  video.closest(".screen").append(picture);
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function createElement(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** @param {number} seconds */
function formatTimestamp(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

document.addEventListener("sage:time", (event) => {
  time = /** @type {CustomEvent} */ (event).detail.time;
  for (const field of panel.querySelectorAll("[data-place] [name=timestamp]:not([data-typed])")) {
    if (field !== document.activeElement) /** @type {HTMLInputElement} */ (field).value = formatTimestamp(time);
  }
  requestAnimationFrame(drawRegions); // after notes.js has marked the current note
});
panel.addEventListener("input", (event) => {
  const field = /** @type {HTMLElement} */ (event.target);
  if (field.closest("[data-place]")) field.dataset.typed = "";
});
// The exact second is sent beside the time that is shown.
panel.addEventListener("formdata", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.matches("[data-place]")) /** @type {FormDataEvent} */ (event).formData.set("seconds", String(time));
});
