// Parts of a page that show where work stands: fetched anew by time, or when live.js says that something changed.
import { requestText } from "./request.js";

async function refresh(element) {
  const page = new DOMParser().parseFromString(await requestText(location.href), "text/html");
  const fresh = page.getElementById(element.id);
  if (!fresh) {
    location.reload(); // what was waited for is there
    return;
  }
  const now = document.getElementById(element.id);
  if (now.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return;
  now.replaceWith(document.importNode(fresh, true));
  document.dispatchEvent(new CustomEvent("sage:refreshed", { detail: { id: element.id } }));
}

const busy = new Map();

function ask(element) {
  if (busy.has(element.id)) {
    busy.set(element.id, "again");
    return;
  }
  busy.set(element.id, "once");
  refresh(element)
    .catch(() => {}) // the next change or tick asks again
    .finally(() => {
      const again = busy.get(element.id) === "again";
      busy.delete(element.id);
      if (again) ask(element);
    });
}

document.addEventListener("sage:changed", (event) => {
  const element = event.target.closest?.("[data-refresh=live]");
  if (element) ask(element);
});

for (const element of document.querySelectorAll("[data-refresh]:not([data-refresh=live])")) {
  setInterval(() => ask(element), Number(element.dataset.refresh) * 1000);
}
