// @ts-check
// Refresh parts of a page that show the progress of work: at intervals, or when live-updates.js reports a change.
import { waitForRelease } from "./pointer.js";
import { requestText } from "./request.js";

/** @param {HTMLElement} element */
async function refreshElement(element) {
  // A part with an address of its own is loaded alone.
  const address = element.dataset.source ? `${element.dataset.source}${location.search}` : location.href;
  const page = new DOMParser().parseFromString(await requestText(address), "text/html");
  const fresh = page.getElementById(element.id);
  if (!fresh) {
    location.reload(); // the work is done
    return;
  }
  await waitForRelease();
  const current = document.getElementById(element.id);
  const field = document.activeElement;
  if (field?.matches("input, select, textarea") && current.contains(field)) {
    field.addEventListener("blur", () => setTimeout(() => scheduleRefresh(current)), { once: true });
    return;
  }
  if (current.querySelector(".editing")) return;
  const menu = current.querySelector("details.menu[open]");
  if (menu) {
    menu.addEventListener("toggle", () => scheduleRefresh(current), { once: true });
    return;
  }
  const next = document.importNode(fresh, true);
  for (const kept of current.querySelectorAll("details[data-keep][open]")) {
    next.querySelector(`#${CSS.escape(kept.id)}`)?.replaceWith(kept); // with what was typed in it
  }
  current.replaceWith(next);
  document.dispatchEvent(new CustomEvent("sage:refreshed", { detail: { id: element.id } }));
}

/** @type {Map<string, "running" | "repeat">} */
const refreshes = new Map();

/**
 * Refresh an element, once more if it changes meanwhile.
 * @param {HTMLElement} element
 */
function scheduleRefresh(element) {
  if (refreshes.has(element.id)) {
    refreshes.set(element.id, "repeat");
    return;
  }
  refreshes.set(element.id, "running");
  refreshElement(element)
    .catch(() => {}) // the next change or interval tries again
    .finally(() => {
      const repeats = refreshes.get(element.id) === "repeat";
      refreshes.delete(element.id);
      if (repeats) scheduleRefresh(element);
    });
}

document.addEventListener("sage:changed", (event) => {
  const element = /** @type {Element} */ (event.target).closest?.("[data-refresh=live]");
  if (element) scheduleRefresh(element);
});

for (const element of document.querySelectorAll("[data-refresh]:not([data-refresh=live])")) {
  setInterval(() => scheduleRefresh(element), Number(element.dataset.refresh) * 1000);
}
