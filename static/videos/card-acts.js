// What can be done to a video on its card: renamed in place, moved into a collection, deleted with undo.
import { RequestError, requestJson } from "../sage/request.js";
import { toast } from "../sage/toast.js";
import { cards, focus, refresh, titleOf } from "./grid.js";
import { unpick } from "./pick.js";

const addressOf = (id) => `/v2/videos/${id}`;

async function ask(url, options) {
  try {
    return await requestJson(url, options);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    toast(error.message);
    return undefined;
  }
}

export function rename(card) {
  const link = titleOf(card);
  if (link.matches("input")) return;
  const was = card.dataset.title;
  const input = Object.assign(document.createElement("input"), { className: "rename", value: was, maxLength: 300 });
  input.setAttribute("aria-label", `New name of ${was}`);
  card.draggable = false; // or the text could not be selected
  link.replaceWith(input);
  input.select();
  let done = false;
  const end = async (keep) => {
    if (done) return;
    done = true;
    const title = input.value.trim();
    const had = document.activeElement === input;
    input.replaceWith(link);
    card.draggable = true;
    if (had) link.focus();
    if (!keep || !title || title === was) return;
    say(card, title);
    const changed = await ask(addressOf(card.dataset.video), { method: "PATCH", body: { title } });
    say(card, changed ? changed.title : was);
  };
  input.addEventListener("blur", () => end(true));
  input.addEventListener("keydown", (event) => {
    if (!["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    end(event.key === "Enter");
  });
}

function say(card, title) {
  card.dataset.title = title;
  Object.assign(titleOf(card), { textContent: title, title });
}

// News of a video whose name is being typed, or whose menu is open, wait: they would take it away from under the hand.
document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  const menu = target.matches?.(".card") && target.querySelector("details[open]");
  if (!menu && !target.querySelector?.("input.rename")) return;
  detail.shouldSwap = false;
  if (menu) menu.addEventListener("toggle", () => target.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true })), { once: true });
});

export async function remove(card) {
  const { video, title } = card.dataset;
  const all = cards();
  const next = all[all.indexOf(card) + 1] ?? all[all.indexOf(card) - 1];
  if ((await ask(addressOf(video), { method: "DELETE" })) === undefined) return;
  const had = card.contains(document.activeElement) || document.activeElement === document.body;
  card.remove();
  unpick(video);
  if (had) focus(next);
  toast(`“${title}” is deleted.`, { act: { words: "Undo", does: () => restore(video) } });
  await refresh();
}

async function restore(video) {
  if (!(await ask(`${addressOf(video)}/restore`, { method: "POST" }))) return;
  await refresh();
  focus(document.getElementById(`video-${video}`));
}

/** Into the collection `id`; "" for none. `name` is what it is called. */
export async function move(video, title, id, name) {
  if (!(await ask(addressOf(video), { method: "PATCH", body: { collection_id: id || null } }))) return;
  toast(id ? `“${title}” is in “${name}” now.` : `“${title}” is in no collection now.`);
  await refresh();
}

/** The collection is chosen in a dialog. */
export function chooseCollection(card) {
  const dialog = document.getElementById("mover");
  const { video, title } = card.dataset;
  dialog.returnValue = "stay";
  dialog.showModal();
  dialog.addEventListener("close", () => dialog.returnValue !== "stay" && move(video, title, dialog.returnValue, nameOf(dialog.returnValue)), { once: true });
}

export const nameOf = (id) => document.querySelector(`.shelf [data-collection="${id}"] span`)?.textContent ?? "";
