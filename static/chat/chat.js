// @ts-check
// Ask questions and show answers while they are written. Without scripts, the forms are sent and the page reloads.
//
// An answer [data-stream] is followed by server-sent events, which continue by themselves after a lost connection. When
// an answer ends, or another tab changes the conversation, the thread is loaded again.
import { RequestError, requestJson, requestText, retryRequest } from "../sage/request.js";
import { clearAttached, describeAttached, finishUploads, readAttached, restoreAttached } from "./attachments.js";
import { copyText } from "./copying.js";
import { showDraft } from "./draft.js";
import { Drafts } from "./drafts.js";

const NEAR_END_PX = 120; // the thread scrolls with the answer if it is this close to the end
const WAIT_MS = 10000; // before a question is sent again while a transcript is being created
const FIRST_STREAM_MS = 5000;
const SEND_LIMIT_MS = 15000;
const RATE_LIMIT_SECONDS = 60; // a longer wait is that of the quota of a day
const PROCESSING = "The transcript is being created. Your question is sent when it is ready.";
const NO_RESPONSE = "The server did not respond. Your question is kept. Check your connection and try again.";
const STILL_PROCESSING = "The transcript is still being created. Try again when it is there.";

const composer = /** @type {HTMLFormElement} */ (document.getElementById("composer"));
const question = /** @type {HTMLTextAreaElement} */ (composer.querySelector("textarea"));
const state = /** @type {HTMLElement} */ (composer.querySelector(".composer-state"));
const errorLine = document.getElementById("composer-error");
const cancelButton = document.getElementById("cancel-wait");
const announcer = document.getElementById("announcer");
const stays = composer.dataset.stays !== undefined;
const drafts = new Drafts(composer.dataset.user);
/** @type {(() => void) | null} Stops waiting for a transcript. */
let cancelWait = null;
let closeFirstStream = () => {};
const createKey = () => crypto.randomUUID?.() ?? ""; // there is none without HTTPS
/** @type {Map<string, EventSource>} By the id of the element of the answer. */
const streams = new Map();

function getThread() {
  return document.getElementById("thread");
}

// --- Follow answers ---

function followAnswers() {
  for (const answer of document.querySelectorAll(".answer[data-stream]"))
    followAnswer(/** @type {HTMLElement} */ (answer));
}

/** @param {HTMLElement} answer */
function followAnswer(answer) {
  if (streams.has(answer.id)) return;
  const text = answer.querySelector(".answer-text");
  const source = new EventSource(answer.dataset.stream);
  let content = "";
  streams.set(answer.id, source);
  announcer.textContent = "Answering";
  source.addEventListener("open", () => closeFirstStream());
  source.addEventListener("message", ({ data }) => {
    if (data === "[DONE]") return endAnswer(answer.id);
    const event = JSON.parse(data);
    if (event.error) return endAnswer(answer.id);
    if (event.progress) showProgress(answer.id, event.progress);
    if (event.content) {
      content += event.content;
      showText(document.getElementById(answer.id)?.querySelector(".answer-text") ?? text, content);
    }
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) endAnswer(answer.id); // it was deleted, or the session has ended
  });
}

/**
 * Say what an agent is doing.
 * @param {string} id
 * @param {string} text
 */
function showProgress(id, text) {
  const progress = document.getElementById(id)?.querySelector("[data-progress]");
  if (progress) progress.textContent = text;
}

/**
 * Show the text so far, and keep its end in view.
 * @param {Element} element
 * @param {string} content
 */
function showText(element, content) {
  const scroll = element.closest(".thread-scroll");
  const isNearEnd = scroll && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;
  showDraft(element, content);
  if (isNearEnd) scroll.scrollTop = scroll.scrollHeight;
}

/** Let citations seek the player of this page, as all links with data-seconds do, instead of opening another page. */
function linkCitations() {
  const { a, b } = getThread().dataset;
  for (const link of getThread().querySelectorAll(".answer-text a[href*='?t=']")) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    const address = new URL(link.href);
    const side = address.pathname === `/videos/${a}/` ? "a" : address.pathname === `/videos/${b}/` ? "b" : "";
    if (!side && address.pathname !== location.pathname) continue;
    link.dataset.seconds = address.searchParams.get("t");
    if (side) link.dataset.side = side;
  }
}

/** @type {{side: "a" | "b", seconds: number} | null} A cited moment of a comparison whose players are still loading. */
let soughtMoment = null;

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest(".answer-text a[data-side]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { side, seconds } = link.dataset;
  soughtMoment = { side: side === "a" ? "a" : "b", seconds: Number(seconds) };
});
document.addEventListener("sage:position", () => {
  const detail = soughtMoment;
  soughtMoment = null;
  // The players announce their first position just before they take orders.
  if (detail) setTimeout(() => document.dispatchEvent(new CustomEvent("sage:seek", { detail })));
});

/** @param {string} id */
async function endAnswer(id) {
  streams.get(id)?.close();
  streams.delete(id);
  await refreshPage();
  const words = document.getElementById(id)?.querySelector(".answer-text, .answer-error");
  announcer.textContent = /** @type {HTMLElement} */ (words)?.innerText ?? "";
}

/** Load the thread, the cited moments and the list of conversations again. */
async function refreshPage() {
  const text = await retryRequest(() => requestText(location.href)).catch(() => "");
  const page = new DOMParser().parseFromString(text, "text/html");
  const fresh = page.getElementById("thread");
  if (!fresh) return;
  getThread().replaceWith(document.importNode(fresh, true));
  for (const id of ["conversation-list", "dock", "ask-head", "thread-head", "questions-left"]) replacePart(id, page);
  document.querySelector(".chat")?.classList.toggle("without-dock", !page.getElementById("dock"));
  linkCitations();
  followAnswers();
}

/**
 * @param {string} id
 * @param {Document} page
 */
function replacePart(id, page) {
  const current = document.getElementById(id);
  const fresh = page.getElementById(id);
  if (current && fresh) {
    const player = current.querySelector("video");
    const copy = document.importNode(fresh, true);
    if (player && !player.paused) copy.querySelector("video")?.replaceWith(player); // it goes on playing
    current.replaceWith(copy);
  } else if (fresh) document.querySelector(".chat")?.append(document.importNode(fresh, true));
}

// --- Ask ---

/** @param {string} text */
async function ask(text) {
  const data = new FormData(composer);
  /** @type {Record<string, any>} */
  const body = { message: text };
  if (data.get("replaces")) body.replaces = data.get("replaces");
  await finishUploads(() => {
    state.textContent = "Your question is sent after the upload";
  });
  state.textContent = "Sending";
  const { ids, hasUploads } = readAttached();
  const isNew = !composer.dataset.messages;
  if (isNew) await createConversation(data, stays ? [] : ids);
  if (ids.length && (stays || hasUploads || !isNew))
    body.video_ids = [...new Set([...(stays ? listTopics() : []), ...ids])];
  await sendQuestion(body, createKey());
  await endAsking();
}

async function endAsking() {
  question.value = "";
  resizeQuestion();
  stopEditing();
  clearAttached();
  drafts.save(null);
  await refreshPage();
  const scroll = document.querySelector(".thread-scroll");
  scroll.scrollTop = scroll.scrollHeight;
}

const listTopics = () => composer.dataset.topics.split(" ").filter(Boolean);

/**
 * @param {FormData} data
 * @param {string[]} videoIds That are attached.
 */
async function createConversation(data, videoIds) {
  const body = {
    video_ids: [...new Set([...listTopics(), ...videoIds])],
    comparison_id: data.get("comparison_id") || null,
    collection_id: data.get("collection_id") || null,
  };
  if (body.comparison_id) body.video_ids = videoIds;
  const made = await requestJson(composer.dataset.conversations, { method: "POST", body });
  composer.dataset.messages = `${composer.dataset.conversations}/${made.id}/messages`;
  composer.action = `/chat/${made.id}/ask/`;
  getThread().dataset.conversation = made.id;
  for (const field of composer.querySelectorAll("input[type=hidden][name=video_ids]")) field.remove();
  if (stays) return;
  drafts.save(null);
  history.replaceState(null, "", `/chat/${made.id}/`);
  saveDraft();
}

/**
 * Send a question, again while a transcript is being created or the connection is lost. A reload goes on with it. The
 * answer is followed by `followAnswer`, so the stream of this response is not read.
 * @param {Record<string, any>} body
 * @param {string} key
 */
async function sendQuestion(body, key) {
  const url = composer.dataset.messages;
  await holdLock(url, () => sendUntilStored(url, body, key), false);
}

/**
 * Call a function while no other tab sends a question of this conversation.
 * @param {string} url
 * @param {() => Promise<void>} send
 * @param {boolean} ifAvailable Whether to do nothing if another tab does.
 */
async function holdLock(url, send, ifAvailable) {
  if (!navigator.locks) return send(); // there are no locks without HTTPS
  await navigator.locks.request(`sage.question.${url}`, { ifAvailable }, (lock) => lock && send());
}

/**
 * @param {string} url
 * @param {Record<string, any>} body
 * @param {string} key
 */
async function sendUntilStored(url, body, key) {
  drafts.savePending(url, body, key);
  cancelWait = null;
  for (let isWaiting = false; ; isWaiting = true) {
    const response = await post(url, key, body).catch(() => /** @type {Response | null} */ (null));
    if (response?.status === 200) break;
    if (response && response.status !== 202) {
      const error = await readError(response);
      if (!isWaiting || !(error.status === 429 && error.wait <= RATE_LIMIT_SECONDS)) {
        drafts.removePending(url);
        throw error;
      }
    }
    if (response) {
      key = createKey(); // the response to the earlier key is kept
      drafts.savePending(url, body, key);
    } else if (!key) throw new RequestError(NO_RESPONSE); // it may be stored
    state.textContent = response ? PROCESSING : "No connection. Your question is sent when it is back.";
    if (await waitForChange()) continue;
    drafts.removePending(url);
    throw new RequestError("Your question was not sent. You can change it and ask again.");
  }
  drafts.removePending(url);
}

/**
 * Resolve to true when a question may be sent again, or to false if the user no longer wants to.
 * @returns {Promise<boolean>}
 */
function waitForChange() {
  cancelButton.hidden = false;
  question.readOnly = true;
  return new Promise((resolve) => {
    const end = (/** @type {boolean} */ goesOn) => {
      clearTimeout(timer);
      document.removeEventListener("sage:topic:work", check);
      removeEventListener("online", again);
      cancelButton.hidden = true;
      question.readOnly = false;
      resolve(goesOn);
    };
    const again = () => end(true);
    const check = (/** @type {CustomEvent<WorkEvent>} */ { detail }) => {
      if (detail.status === "completed" || detail.status === "failed") again();
    };
    const timer = setTimeout(again, WAIT_MS);
    document.addEventListener("sage:topic:work", check);
    addEventListener("online", again);
    cancelWait = () => end(false);
  });
}

/**
 * @param {string} url
 * @param {string} key
 * @param {Record<string, any>} [body]
 */
async function post(url, key, body) {
  const controller = new AbortController();
  const limit = setTimeout(() => controller.abort(), SEND_LIMIT_MS);
  /** @type {Record<string, string>} */
  const headers = { "X-CSRFToken": getToken() };
  if (key) headers["Idempotency-Key"] = key;
  if (body) headers["Content-Type"] = "application/json";
  const content = body && JSON.stringify(body);
  const options = { method: "POST", body: content, headers, signal: controller.signal };
  const response = await fetch(url, { credentials: "same-origin", ...options });
  clearTimeout(limit);
  if (response.status === 200) {
    // The page follows the answer by a stream of its own. Until that is open, this one shows that it is watched.
    closeFirstStream = () => controller.abort();
    setTimeout(closeFirstStream, FIRST_STREAM_MS);
  }
  return response;
}

/** @param {Response} response */
async function readError(response) {
  const data = await response.json().catch(() => /** @type {any} */ (null));
  const message = data?.error?.message ?? `The server rejected the question (${response.status}).`;
  return new RequestError(message, response.status, Number(response.headers.get("Retry-After")) || 0);
}

function getToken() {
  return /** @type {HTMLInputElement} */ (composer.querySelector("[name=csrfmiddlewaretoken]")).value;
}

/**
 * Run what sends a question. Its errors are shown in the composer, which keeps the question.
 * @param {() => Promise<void>} send
 */
function run(send) {
  composer.ariaBusy = "true";
  errorLine.hidden = true;
  state.textContent = "Sending";
  return send()
    .catch(showError)
    .finally(() => {
      composer.ariaBusy = null;
      state.textContent = "";
    });
}

/** @param {Error & {status?: number}} error */
function showError(error) {
  errorLine.textContent = error.message;
  if (error.status === 402 && composer.dataset.plan) {
    const link = { href: composer.dataset.plan, textContent: "Plan and usage", className: "link" };
    errorLine.append(" ", Object.assign(document.createElement("a"), link));
  }
  errorLine.hidden = false;
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  const text = (button?.dataset.suggestion ?? question.value).trim();
  if (text && composer.ariaBusy !== "true") run(() => ask(text));
});
cancelButton.addEventListener("click", () => cancelWait?.());
question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
  event.preventDefault();
  composer.requestSubmit();
});
question.addEventListener("input", () => {
  resizeQuestion();
  saveDraft();
});
composer.addEventListener("sage:attached", saveDraft);

function resizeQuestion() {
  question.style.height = "auto";
  question.style.height = `${Math.min(question.scrollHeight, 240)}px`;
}

function saveDraft() {
  const attached = describeAttached();
  const isEmpty = !question.value && !attached.videos.length && !attached.uploads.length;
  drafts.save(isEmpty ? null : { text: question.value, ...attached });
}

/** Show the draft of an earlier visit, and go on with a question that waited to be sent. */
function restoreDraft() {
  const draft = drafts.read();
  if (draft && !question.value) {
    question.value = draft.text;
    resizeQuestion();
    restoreAttached(draft);
  }
  const pending = composer.dataset.messages && drafts.readPending(composer.dataset.messages);
  if (!pending) return;
  const send = async () => {
    question.value = pending.body.message;
    await sendUntilStored(pending.url, pending.body, pending.key);
    await endAsking();
  };
  holdLock(pending.url, () => run(send), true);
}

// --- Actions on messages ---

/** @param {HTMLElement} link */
function editQuestion(link) {
  /** @type {HTMLInputElement} */ (composer.querySelector("[name=replaces]")).value = link.dataset.edit;
  /** @type {HTMLElement} */ (composer.querySelector(".editing-question")).hidden = false;
  question.value = link.dataset.text;
  question.focus();
}

function stopEditing() {
  /** @type {HTMLInputElement} */ (composer.querySelector("[name=replaces]")).value = "";
  /** @type {HTMLElement} */ (composer.querySelector(".editing-question")).hidden = true;
  if (new URLSearchParams(location.search).has("edit")) history.replaceState(null, "", location.pathname);
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const edit = /** @type {HTMLElement} */ (target.closest("[data-edit].edit"));
  if (edit && getThread().contains(edit)) {
    event.preventDefault();
    editQuestion(edit);
  } else if (target.closest("[data-cancel-edit]")) {
    event.preventDefault();
    question.value = "";
    stopEditing();
  } else if (target.closest("[data-copy]")) {
    const answer = target.closest(".answer");
    const text = /** @type {HTMLElement} */ (answer.querySelector(".answer-text")).innerText;
    copyText(answer.querySelector("[data-answer-source]")?.textContent ?? text);
  } else if (target.closest("[data-copy-section]")) {
    copyText(target.closest(".section").querySelector("[data-section-text]").textContent);
  }
});

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const url = form.dataset.api ?? form.dataset.again;
  if (!url || !getThread().contains(form)) return;
  event.preventDefault();
  errorLine.hidden = true;
  act(url, Boolean(form.dataset.again)).catch(showError);
});

/**
 * Stop an answer, or write it again.
 * @param {string} url
 * @param {boolean} isAgain
 */
async function act(url, isAgain) {
  if (!isAgain) await requestJson(url, { method: "POST" });
  else {
    const response = await post(url, "").catch(() => {
      throw new RequestError(NO_RESPONSE);
    });
    if (response.status === 202) throw new RequestError(STILL_PROCESSING, 202);
    if (response.status !== 200) throw await readError(response);
  }
  await refreshPage();
}

// --- Events of the page ---

document.addEventListener("sage:topic:conversations", ({ detail }) => {
  const isShown = detail.conversation_id === getThread().dataset.conversation;
  const isFollowed = detail.message_id && streams.has(`message-${detail.message_id}`);
  if (isShown && !isFollowed && composer.ariaBusy !== "true") refreshPage();
  else document.getElementById("conversation-list")?.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
});
document.addEventListener("sage:refreshed", () => {
  linkCitations();
  followAnswers();
});
linkCitations();
followAnswers();
restoreDraft();
const scroll = document.querySelector(".thread-scroll");
if (scroll && !location.hash) scroll.scrollTop = scroll.scrollHeight;
if (!stays && matchMedia("(pointer: fine)").matches) question.focus({ preventScroll: true });
