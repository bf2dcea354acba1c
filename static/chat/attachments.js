// @ts-check
// Bring videos into a question: files that are dropped, pasted or chosen are uploaded, and videos of the library are
// picked. A checked box of the menu is an attached video; without scripts, the boxes are sent with the form.
import { requestJson } from "../sage/request.js";
import { UploadQueue } from "../videos/upload/upload-queue.js";

const MENTION = /(?<![\w@./])@(\w{2,40})(?![\w@]|\.\w)/g; // as in chat/agents/mentions.py
const SIGN_IN = "Sign in to add videos. Your question is kept.";

const composer = /** @type {HTMLFormElement} */ (document.getElementById("composer"));
const prices = {
  second: Number(composer.dataset.secondPrice),
  answer: Number(composer.dataset.answerPrice),
  agent: Number(composer.dataset.agentPrice),
  look: Number(composer.dataset.lookPrice),
};
const maxVideos = Number(composer.dataset.maxVideos);
const list = document.getElementById("attached");
const costLine = document.getElementById("attached-cost");
const choices = document.getElementById("choices");
const question = composer.querySelector("textarea");
const input = /** @type {HTMLInputElement | null} */ (document.getElementById("attach-input"));
const menu = /** @type {HTMLDetailsElement | null} */ (document.getElementById("attach-menu"));
const queue =
  input &&
  new UploadQueue(document.getElementById("attachments"), getTemplate("attachment-row"), composer, addUploaded);
/** @type {Map<File | FileIdentity, number | null>} Durations of the files that are being uploaded, in seconds. */
const durations = new Map();
/** @type {Set<() => void>} */
const waiting = new Set();

/** @param {string} id */
function getTemplate(id) {
  return /** @type {HTMLTemplateElement} */ (document.getElementById(id));
}

/** @returns {HTMLInputElement[]} */
function listBoxes() {
  return choices ? [...choices.querySelectorAll("input")] : [];
}

const listChecked = () => listBoxes().filter((box) => box.checked);

// --- What is attached ---

/** @returns {{ids: string[], hasUploads: boolean}} Of the videos that the question brings. */
export function readAttached() {
  const boxes = listChecked();
  return { ids: boxes.map((box) => box.value), hasUploads: boxes.some((box) => "uploaded" in box.dataset) };
}

export function clearAttached() {
  for (const box of listBoxes()) box.checked = false;
  show();
}

/**
 * Resolve when no upload is left. Rejects if one has failed or waits for its file.
 * @param {() => void} onWait Called if there are uploads.
 */
export async function finishUploads(onWait) {
  while (queue?.isBusy || [...(queue?.rows ?? [])].some((row) => row.element.dataset.state === "paused")) {
    onWait();
    await new Promise((resolve) => {
      waiting.add(() => resolve(null));
    });
  }
  const left = [...(queue?.rows ?? [])];
  if (left.length)
    throw new Error(`“${left[0].file.name}” is not uploaded. Try again or remove it, then send your question.`);
}

/** What a draft keeps of the attachments. */
export function describeAttached() {
  return {
    videos: listChecked().map((box) => ({
      id: box.value,
      title: box.parentElement.textContent.trim(),
      seconds: "uploaded" in box.dataset ? Number(box.dataset.uploaded) : undefined,
    })),
    uploads: [...(queue?.rows ?? [])].map((row) => row.upload?.upload_id).filter(Boolean),
  };
}

/**
 * Show what a draft has kept. An unfinished upload asks for its file again.
 * @param {ReturnType<typeof describeAttached>} kept
 */
export function restoreAttached({ videos, uploads }) {
  for (const { id, title, seconds } of videos) addVideo(id, title, seconds);
  if (uploads.length)
    queue?.restore(
      () => input.click(),
      (record) => uploads.includes(record.upload_id),
    );
  show();
}

/**
 * @param {string} id
 * @param {string} title
 * @param {number} [seconds] If it was uploaded for this question; 0 if the duration is unknown.
 */
function addVideo(id, title, seconds) {
  if (!choices) return;
  let box = listBoxes().find(({ value }) => value === id);
  if (!box) {
    const label = document.createElement("label");
    box = Object.assign(document.createElement("input"), { type: "checkbox", name: "video_ids", value: id });
    label.append(box, Object.assign(document.createElement("span"), { textContent: title }));
    choices.querySelector("legend").after(label);
    choices.querySelector("p")?.remove();
  }
  box.checked = true;
  if (seconds !== undefined) box.dataset.uploaded = String(seconds);
  show();
}

/** @param {UploadResult} result */
function addUploaded({ video }) {
  const file = [...durations.keys()].find(({ name }) => name === video.filename);
  addVideo(video.id, video.title, video.duration ?? durations.get(file) ?? 0);
}

/**
 * Remove a video that turned out to be unreadable.
 * @param {HTMLInputElement} box
 */
async function removeFailed(box) {
  const title = box.parentElement.textContent.trim();
  box.parentElement.remove();
  show();
  const { jobs } = await requestJson(`${composer.dataset.videos}/${box.value}`).catch(() => ({
    jobs: /** @type {any[]} */ ([]),
  }));
  const reason =
    jobs.find((/** @type {any} */ { status }) => status === "failed")?.error ?? "It could not be processed.";
  showProblem(`“${title}” was removed from your question. ${reason}`);
}

/** Show the attached videos and what they cost, and tell who waits for the uploads. */
function show() {
  const boxes = listChecked();
  list.replaceChildren(...boxes.map(buildChip));
  list.hidden = !boxes.length;
  showCost(boxes.length);
  composer.dispatchEvent(new CustomEvent("sage:attached", { bubbles: true }));
  for (const resolve of waiting) resolve();
  waiting.clear();
}

/** @param {HTMLInputElement} box */
function buildChip(box) {
  const chip = /** @type {HTMLElement} */ (getTemplate("attached-video").content.firstElementChild.cloneNode(true));
  const title = box.parentElement.textContent.trim();
  chip.querySelector("[data-title]").textContent = title;
  const button = chip.querySelector("button");
  button.setAttribute("aria-label", `Remove ${title}`);
  button.addEventListener("click", () => {
    box.checked = false;
    show();
    composer.querySelector("textarea").focus();
  });
  return chip;
}

/** @param {number} attached */
function showCost(attached) {
  const rows = [...(queue?.rows ?? [])].filter((row) => row.isActive);
  const uploaded = listChecked().filter((box) => "uploaded" in box.dataset);
  const files = [...rows.map((row) => durations.get(row.file)), ...uploaded.map((box) => Number(box.dataset.uploaded))];
  const upload = sumPrices(files, prices.second);
  const called = findCalled() || (rows.length || bringsVideos() ? composer.dataset.defaultAgent : "");
  const run = Math.ceil(round(called ? prices.agent : prices.answer));
  const looked = called && listNames("lookingAgents").includes(called) ? listLooked(rows) : [];
  const look = sumPrices(looked, prices.look);
  const parts = [];
  if (files.some((one) => !one)) parts.push(`Upload: ${formatTokens(prices.second)} per second`);
  else if (files.length) parts.push(`Upload: ${formatTokens(upload)}`);
  if (called) parts.push(`@${called}: ${formatTokens(run)}`);
  else if (rows.length || attached) parts.push(`Answer: ${formatTokens(run)}`);
  if (looked.length)
    parts.push(
      looked.some((one) => !one)
        ? `Looking: ${formatTokens(prices.look)} per second of video`
        : `Looking: up to ${formatTokens(look)}`,
    );
  const left = document.querySelector("[data-tokens-left]")?.textContent;
  if (parts.length && left && upload + run + look) parts.push(`${left} left`);
  const text = parts.join(" · ");
  if (costLine.textContent !== text) costLine.textContent = text; // it is a live region
  costLine.hidden = !parts.length;
}

/** @param {string} name Of an attribute of the composer. */
const listNames = (name) => composer.dataset[name].split(" ").filter(Boolean);

/** Return the agent that the question calls by its name, as the server reads it. */
function findCalled() {
  const names = [...question.value.matchAll(MENTION)].map((match) => match[1].toLowerCase());
  return names.find((name) => listNames("agents").includes(name)) ?? "";
}

/** Whether the question itself brings the attached videos. In a new conversation, they are what it is about. */
function bringsVideos() {
  const { ids, hasUploads } = readAttached();
  return ids.length > 0 && (hasUploads || "stays" in composer.dataset || "messages" in composer.dataset);
}

/**
 * Return the durations of the videos that an agent would look at, 0 for those that are not known.
 * @param {{file: File | FileIdentity}[]} rows Of files that are being uploaded.
 */
function listLooked(rows) {
  const topics = listNames("topicSeconds").map(Number);
  const boxes = listChecked().map((box) => Number(box.dataset.uploaded ?? box.dataset.seconds) || 0);
  const brought = [...boxes, ...rows.map((row) => durations.get(row.file) ?? 0)];
  const isAlone = brought.length && !("stays" in composer.dataset) && (rows.length || bringsVideos());
  return isAlone ? brought : [...topics, ...brought];
}

/**
 * @param {(number | null | undefined)[]} seconds
 * @param {number} price Per second. The cost of each video is rounded up, as the server does.
 */
const sumPrices = (seconds, price) => seconds.reduce((sum, one) => sum + Math.ceil(round((one ?? 0) * price)), 0);

/** @param {number} tokens */
const round = (tokens) => Math.round(tokens * 1e6) / 1e6; // as the server rounds
/** @param {number} tokens */
const formatTokens = (tokens) =>
  tokens === 1 ? "1 token" : tokens ? `${tokens.toLocaleString("en")} tokens` : "no tokens";

// --- Files ---

/** @param {Iterable<File>} files */
function addFiles(files) {
  if (!queue) return showProblem(SIGN_IN);
  let count = listChecked().length + queue.rows.size;
  for (const file of files) {
    count += 1;
    if (count > maxVideos)
      return showProblem(`A question takes at most ${maxVideos} videos. The others were not added.`);
    queue.add(file);
    for (const row of queue.rows) {
      if (row.file === file) row.duration.then((seconds) => remember(file, seconds));
    }
  }
  show();
}

/**
 * @param {File} file
 * @param {number | null} seconds
 */
function remember(file, seconds) {
  durations.set(file, seconds);
  show();
}

/** @param {string} message */
function showProblem(message) {
  const error = document.getElementById("composer-error");
  error.textContent = message;
  error.hidden = false;
}

async function loadChoices() {
  if (!choices || choices.dataset.load === undefined) return;
  delete choices.dataset.load;
  const { videos } = await requestJson(`${composer.dataset.videos}?per_page=50`).catch(() => ({
    videos: /** @type {any[]} */ ([]),
  }));
  for (const { video_id, title, duration } of videos.reverse()) {
    if (listBoxes().some(({ value }) => value === video_id)) continue;
    addVideo(video_id, title);
    const box = listBoxes().find(({ value }) => value === video_id);
    box.dataset.seconds = String(duration ?? 0);
    box.checked = false;
  }
  show();
}

/** @param {DragEvent} event */
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

function attachListeners() {
  const area = /** @type {HTMLElement} */ (composer.closest(".chat, .ask-panel"));
  area.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    composer.dataset.drop = "";
  });
  area.addEventListener("dragleave", (event) => {
    if (!area.contains(/** @type {Node | null} */ (event.relatedTarget))) delete composer.dataset.drop;
  });
  area.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    delete composer.dataset.drop;
    addFiles([...event.dataTransfer.files]);
  });
  composer.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    addFiles(files);
  });
  document.getElementById("attach-files")?.addEventListener("click", () => {
    menu.open = false;
    input.click();
  });
  input?.addEventListener("change", () => {
    addFiles([...input.files]);
    input.value = "";
  });
  menu?.addEventListener("toggle", () => menu.open && loadChoices());
  choices?.addEventListener("change", show);
  question.addEventListener("input", () => showCost(listChecked().length));
  // The queue adds and removes rows by itself: after an upload, an error or “Cancel”.
  if (queue) {
    const observer = new MutationObserver((changes) => {
      if (changes.some(({ type, target }) => type === "attributes" || target === queue.list)) show();
    });
    observer.observe(queue.list, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state"] });
  }
  document.addEventListener("sage:topic:work", ({ detail: { video_id, status, job } }) => {
    if (status !== "failed" || (job !== "probe" && job !== "ingest")) return;
    for (const box of listChecked()) if (box.value === video_id) removeFailed(box);
  });
  window.addEventListener("beforeunload", (event) => {
    if (queue?.isBusy) event.preventDefault();
  });
}

attachListeners();
show();
