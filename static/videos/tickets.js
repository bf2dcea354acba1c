// Media of a share are addressed by tickets that lapse. While its page is open, fresh ones are fetched quietly; once the
// link has ended, so has the page.
import { requestJson } from "../sage/request.js";

const AGAIN_MS = 5000; // a ticket that was fetched so lately is not why something failed
const ADDRESS = /^\/s\/media\/[^/]+\//;

export function wireTickets(root, walk, data) {
  const { tickets: address, every } = root.dataset;
  const ended = root.querySelector("#ended");
  let fetched = 0;
  let asking = null;
  const timer = setInterval(ask, Number(every) * 1000);

  /** Resolves when what `data` says is fresh, or cannot be now. */
  function ask() {
    asking ??= requestJson(address)
      .then(({ ticket }) => take(ticket))
      .catch((error) => [404, 410].includes(error.status) && end(error.message))
      .finally(() => (asking = null));
    return asking;
  }

  function take(ticket) {
    fetched = performance.now();
    const fresh = (old) => old.replace(ADDRESS, `/s/media/${ticket}/`);
    for (const side of ["a", "b"]) {
      for (const name of ["file", "times", "still", "sprites"]) data[side][name] = data[side][name] && fresh(data[side][name]);
      data.pictures[side] = fresh(data.pictures[side]);
    }
  }

  function end(words) {
    clearInterval(timer);
    root.removeEventListener("error", mend, true);
    walk.pause();
    for (const video of root.querySelectorAll("video")) {
      video.removeAttribute("src");
      video.load();
    }
    for (const image of root.querySelectorAll("img")) image.removeAttribute("src");
    root.querySelector("#ended-words").textContent = words;
    ended.hidden = false;
    root.dataset.ended = "";
  }

  /** Something did not load: perhaps its ticket has lapsed. */
  async function mend({ target }) {
    const old = target.getAttribute?.("src");
    if (!old || !ADDRESS.test(old)) return;
    if (!fetched || performance.now() - fetched > AGAIN_MS) await ask();
    const now = old.replace(ADDRESS, data.a.file.match(ADDRESS)[0]);
    if (now === old || "ended" in root.dataset) return;
    if (target.localName === "video") walk.sides[target.closest("[data-side]").dataset.side].readdress?.(now);
    else target.src = now;
  }

  root.addEventListener("error", mend, true);
  document.addEventListener("visibilitychange", () => !document.hidden && !("ended" in root.dataset) && ask());
}
