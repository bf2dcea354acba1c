// @ts-check
// Follow the work on a YouTube video for visitors without an account, who have no socket: by its stream of events.

/** @type {HTMLElement} */
const page = document.querySelector("[data-readiness]");
const stream = new EventSource(page.dataset.readiness); // it opens again by itself when the server ends it
stream.addEventListener("snapshot", () => {
  if (page.querySelector("[data-open], .working")) refresh(); // it may have ended since the page was made
});
stream.addEventListener("update", refresh);
stream.addEventListener("done", () => stream.close());

function refresh() {
  for (const part of document.querySelectorAll("[data-video][data-refresh=live]")) {
    part.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
  }
}
