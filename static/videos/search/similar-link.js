// @ts-check
// Let the link to similar shots name the second that the player shows.

const CLIP_SECONDS = 2;

/** @type {HTMLAnchorElement} */
const link = document.getElementById("similar-link");
/** @type {HTMLVideoElement} */
const video = document.querySelector("#player video");

link?.addEventListener("click", () => {
  const start = Math.max(0, Math.min(video.currentTime, (video.duration || 0) - CLIP_SECONDS));
  const url = new URL(link.href);
  url.searchParams.set("start", start.toFixed(3));
  url.searchParams.set("end", (start + CLIP_SECONDS).toFixed(3));
  link.href = url.href;
});
