// The library's way in: files are chosen, or dropped anywhere on the page.
import { requestJson } from "../sage/request.js";
import { toast } from "../sage/toast.js";
import { Arrivals } from "./arrivals.js";
import { refresh } from "./grid.js";

const form = document.getElementById("upload");
const field = form?.querySelector("input[type=file]");
const curtain = document.getElementById("dropping");
const arrivals = form && new Arrivals(document.getElementById("uploads"), document.getElementById("upload-row"), form, arrived);
let versionOf = null;

/** Open the field for files; with the id and title of a video, for a new version of it. */
export function chooseFiles(video = null, title = "") {
  versionOf = video;
  if (video) toast(`What you choose now becomes a new version of “${title}”.`);
  field?.click();
}

function take(files) {
  const version_of = versionOf ?? form.elements.version_of.value;
  const collection_id = form.elements.collection.value;
  versionOf = null;
  for (const file of files) arrivals.take(file, { ...(version_of && { version_of }), ...(collection_id && { collection_id }) });
}

async function arrived({ video, isNew, facts = {} }) {
  await refresh();
  const link = { href: `/videos/${video.id}/`, words: "Open it" };
  if (!isNew) toast(`“${video.title}” is in your library already${await placed(video, facts)}.`, { link });
  else if (!document.getElementById(`video-${video.id}`)) toast(`“${video.title}” has arrived.`, { link });
}

/** What became of what was wished for a file that is here already. */
async function placed(video, { version_of, collection_id }) {
  if (version_of && version_of !== video.id && video.version) {
    const before = await requestJson(`/v2/videos/${version_of}`).catch(() => null);
    const { stack_id, number } = video.version;
    return before?.version?.stack_id === stack_id ? `, as version ${number} of this film` : ", as a version of another film, and stays that";
  }
  return collection_id && video.collection_id !== collection_id ? ", in another collection, and stays there" : "";
}

const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");

function listen() {
  field.addEventListener("change", () => {
    take([...field.files]);
    field.value = "";
  });
  field.addEventListener("cancel", () => (versionOf = null));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("dragover", (event) => {
    if (!bringsFiles(event)) return;
    event.preventDefault();
    curtain.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) curtain.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    if (!bringsFiles(event)) return;
    event.preventDefault();
    curtain.hidden = true;
    take([...event.dataTransfer.files]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (arrivals.isBusy) event.preventDefault();
  });
  arrivals.recall(() => chooseFiles());
}

if (form) listen();
