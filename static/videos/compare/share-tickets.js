// @ts-check
// Renew the tickets in the media URLs of a shared comparison before they expire, and end the page with the share link.
import { requestJson } from "../../sage/request.js";
import { SIDES } from "./script/alignment.js";

const FRESH_MS = 5000; // a ticket this recent is not the reason of a failure
const MEDIA_URL = /^\/s\/media\/[^/]+\//;
const MEDIA_NAMES = ["file", "times", "still", "sprites"];

/**
 * @param {HTMLElement} root
 * @param {SyncPlayback} playback
 * @param {any} data The page's data.
 */
export function renewShareTickets(root, playback, data) {
  const { tickets: url, every } = root.dataset;
  const endMessage = root.querySelector("#share-ended");
  let renewedAt = 0; // milliseconds of the page's clock
  /** @type {Promise<void> | null} */
  let pending = null;
  const timer = setInterval(renew, Number(every) * 1000);

  /** Fetch a new ticket. Resolves when `data` has it, or when it cannot be had now. */
  function renew() {
    pending ??= requestJson(url)
      .then(({ ticket }) => applyTicket(ticket))
      .catch((error) => {
        if ([404, 410].includes(error.status)) endPage(error.message);
      })
      .finally(() => {
        pending = null;
      });
    return pending;
  }

  /** @param {string} ticket */
  function applyTicket(ticket) {
    renewedAt = performance.now();
    /** @param {string} old */
    const replaceTicket = (old) => old.replace(MEDIA_URL, `/s/media/${ticket}/`);
    for (const side of SIDES) {
      for (const name of MEDIA_NAMES) data[side][name] = data[side][name] && replaceTicket(data[side][name]);
      data.pictures[side] = replaceTicket(data.pictures[side]);
    }
  }

  /** @param {string} message */
  function endPage(message) {
    clearInterval(timer);
    root.removeEventListener("error", handleError, true);
    playback.pause();
    for (const video of root.querySelectorAll("video")) {
      video.removeAttribute("src");
      video.load();
    }
    for (const image of root.querySelectorAll("img")) image.removeAttribute("src");
    root.querySelector("#share-ended-message").textContent = message;
    endMessage.hidden = false;
    root.dataset.ended = "";
  }

  /**
   * Load a file again that failed to load, perhaps because its ticket had expired.
   * @param {Event} event
   */
  async function handleError(event) {
    const target = /** @type {HTMLImageElement | HTMLVideoElement} */ (event.target);
    const old = target.getAttribute?.("src");
    if (!old || !MEDIA_URL.test(old)) return;
    if (!renewedAt || performance.now() - renewedAt > FRESH_MS) await renew();
    const current = old.replace(MEDIA_URL, data.a.file.match(MEDIA_URL)[0]);
    if (current === old || "ended" in root.dataset) return;
    if (target instanceof HTMLVideoElement) {
      const name = /** @type {Side} */ (target.closest("[data-side]").dataset.side);
      const side = playback.sides[name];
      if ("changeUrl" in side) side.changeUrl(current);
    } else {
      target.src = current;
    }
  }

  root.addEventListener("error", handleError, true);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !("ended" in root.dataset)) renew();
  });
}
