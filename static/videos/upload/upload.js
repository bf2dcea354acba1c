// @ts-check
// Take the files that the user chooses, or drops anywhere on the library's page.
import { requestJson } from "../../sage/request.js";
import { showToast } from "../../sage/toast.js";
import { refreshCards } from "../library/card-grid.js";
import { UploadQueue } from "./upload-queue.js";

/** @type {HTMLFormElement | null} */
const form = document.getElementById("upload");
/** @type {HTMLInputElement | null} */
const field = form?.querySelector("input[type=file]");
const dropOverlay = document.getElementById("drop-overlay");
const queue = form && createQueue();
/** @type {string | null} */
let versionOf = null;

function createQueue() {
  /** @type {HTMLTemplateElement} */
  const template = document.getElementById("upload-row");
  return new UploadQueue(document.getElementById("uploads"), template, form, showResult);
}

/**
 * Open the file dialog, for new videos or for a new version of a video.
 * @param {string | null} [video] The id of that video.
 * @param {string} [title] Its title.
 */
export function chooseFiles(video = null, title = "") {
  versionOf = video;
  if (video) showToast(`Choose a file to upload as a new version of “${title}”.`);
  field?.click();
}

/** @param {Iterable<File>} files */
function addFiles(files) {
  const version = versionOf ?? readField("version_of");
  const collection = readField("collection");
  versionOf = null;
  for (const file of files) {
    queue.add(file, { ...(version && { version_of: version }), ...(collection && { collection_id: collection }) });
  }
}

/** @param {string} name */
function readField(name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value;
}

/** @param {UploadResult} result */
async function showResult({ video, isNew, metadata = {} }) {
  await refreshCards();
  const link = { href: `/videos/${video.id}/`, label: "Open" };
  if (!isNew) {
    showToast(`“${video.title}” is already in your library${await describePlace(video, metadata)}.`, { link });
  } else if (!document.getElementById(`video-${video.id}`)) {
    showToast(`“${video.title}” is uploaded.`, { link });
  }
}

/**
 * Return where a video is that was already in the library, if a version or a collection was requested.
 * @param {any} video
 * @param {Record<string, string>} metadata
 */
async function describePlace(video, { version_of, collection_id }) {
  if (version_of && version_of !== video.id && video.version) {
    const original = await requestJson(`/v2/videos/${version_of}`).catch(() => /** @type {any} */ (null));
    const { stack_id, number } = video.version;
    return original?.version?.stack_id === stack_id
      ? `, as version ${number} of this video`
      : ", as a version of another video. It was not changed";
  }
  return collection_id && video.collection_id !== collection_id ? ", in another collection. It was not moved" : "";
}

/** @param {DragEvent} event */
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

function attachListeners() {
  field.addEventListener("change", () => {
    addFiles([...field.files]);
    field.value = "";
  });
  field.addEventListener("cancel", () => {
    versionOf = null;
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dropOverlay.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) dropOverlay.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dropOverlay.hidden = true;
    addFiles([...event.dataTransfer.files]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (queue.isBusy) event.preventDefault();
  });
  queue.restore(() => chooseFiles());
}

if (form) attachListeners();
