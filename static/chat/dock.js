// @ts-check
// Play the cited moments beside the conversation. Without scripts, and for YouTube, a citation opens the video's page.

/**
 * Play a moment in the dock. Returns whether it can.
 * @param {string} videoId
 * @param {string} file
 * @param {number} start
 */
function playMoment(videoId, file, start) {
  const player = /** @type {HTMLVideoElement | null} */ (document.getElementById("dock-player"));
  if (!player || !file) return false;
  player.hidden = false;
  if (player.dataset.videoId === videoId) player.currentTime = start;
  else {
    player.dataset.videoId = videoId;
    player.src = `${file}#t=${start}`;
  }
  player.play().catch(() => {}); // the browser may ask for a click on the player first
  return true;
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = /** @type {HTMLAnchorElement} */ (
    /** @type {Element} */ (event.target).closest(".answer-text a[href*='?t='], .clips a, .dock a[data-start]")
  );
  if (!link) return;
  const videoId = link.dataset.videoId ?? new URL(link.href).pathname.split("/")[2];
  const known = /** @type {HTMLElement | null} */ (
    document.querySelector(`.dock a[data-video-id="${CSS.escape(videoId)}"]`)
  );
  const start = Number(link.dataset.start ?? new URL(link.href).searchParams.get("t"));
  const file = known?.dataset.file ?? (videoId.length === 36 ? `/v2/videos/${videoId}/file` : "");
  if (!playMoment(videoId, file, start)) return;
  event.preventDefault();
  for (const moment of document.querySelectorAll(".dock a[data-start]")) {
    const isCurrent = moment.dataset.videoId === videoId && Math.abs(Number(moment.dataset.start) - start) < 0.02;
    moment.toggleAttribute("data-current", isCurrent);
  }
});
