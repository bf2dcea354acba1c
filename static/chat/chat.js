// @ts-check
// Ask questions and show answers while they are written. Without scripts, the forms are sent and the page reloads.
//
// An answer [data-stream] is followed by server-sent events, which continue by themselves after a lost connection. When
// an answer ends, or another tab changes the conversation, the thread is loaded again.
import { RequestError, requestJson, requestText, retryRequest } from "../sage/request.js";
import { showToast } from "../sage/toast.js";

const CITATION = /\[(\d{1,4}:\d{2}(?::\d{2})?)\]/g;
const NEAR_END_PX = 120; // the thread scrolls with the answer if it is this close to the end
const WAIT_MS = 4000; // before a question is sent again while a transcript is being created

const composer = /** @type {HTMLFormElement} */ (document.getElementById("composer"));
const question = /** @type {HTMLTextAreaElement} */ (composer.querySelector("textarea"));
const state = /** @type {HTMLElement} */ (composer.querySelector(".composer-state"));
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
  source.addEventListener("message", ({ data }) => {
    if (data === "[DONE]") return endAnswer(answer.id);
    const event = JSON.parse(data);
    if (event.error) return endAnswer(answer.id);
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
 * Show the text so far, with its citations marked.
 * @param {Element} element
 * @param {string} content
 */
function showText(element, content) {
  const scroll = element.closest(".thread-scroll");
  const isNearEnd = scroll && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;
  element.textContent = "";
  let place = 0;
  for (const match of content.matchAll(CITATION)) {
    element.append(content.slice(place, match.index));
    element.append(Object.assign(document.createElement("span"), { className: "cite", textContent: match[1] }));
    place = match.index + match[0].length;
  }
  element.append(content.slice(place));
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

/** @param {string} id */
function endAnswer(id) {
  streams.get(id)?.close();
  streams.delete(id);
  refreshPage();
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
  const isNew = !composer.dataset.messages;
  const videoIds = data.getAll("video_ids");
  if (data.get("replaces")) body.replaces = data.get("replaces");
  if (isNew) await createConversation(data, videoIds);
  else if (videoIds.length) body.video_ids = videoIds;
  const key = crypto.randomUUID();
  await sendQuestion(body, key);
  question.value = "";
  stopEditing();
  for (const box of composer.querySelectorAll("input[type=checkbox]")) {
    if (box instanceof HTMLInputElement) box.checked = false;
  }
  await refreshPage();
  const scroll = document.querySelector(".thread-scroll");
  scroll.scrollTop = scroll.scrollHeight;
}

/**
 * @param {FormData} data
 * @param {FormDataEntryValue[]} videoIds
 */
async function createConversation(data, videoIds) {
  const body = {
    video_ids: videoIds,
    comparison_id: data.get("comparison_id") || null,
    collection_id: data.get("collection_id") || null,
  };
  const made = await requestJson(composer.dataset.conversations, { method: "POST", body });
  composer.dataset.messages = `${composer.dataset.conversations}/${made.id}/messages`;
  composer.action = `/chat/${made.id}/ask/`;
  getThread().dataset.conversation = made.id;
  for (const field of composer.querySelectorAll("input[type=hidden][name=video_ids]")) field.remove();
  if (composer.dataset.stays === undefined) history.replaceState(null, "", `/chat/${made.id}/`);
}

/**
 * Send a question, again while a transcript is being created. The answer is followed by `followAnswer`, so the stream
 * of this response is not read.
 * @param {Record<string, any>} body
 * @param {string} key
 */
async function sendQuestion(body, key) {
  for (;;) {
    const controller = new AbortController();
    const response = await fetch(composer.dataset.messages, {
      method: "POST",
      body: JSON.stringify(body),
      credentials: "same-origin",
      signal: controller.signal,
      headers: { "Content-Type": "application/json", "X-CSRFToken": getToken(), "Idempotency-Key": key },
    }).catch(() => {
      throw new RequestError("The server did not respond. Your question is kept. Check your connection and try again.");
    });
    if (response.status === 200) return controller.abort();
    const data = await response.json().catch(() => /** @type {any} */ (null));
    if (response.status !== 202) {
      throw new RequestError(data?.error?.message ?? `The server rejected the question (${response.status}).`);
    }
    state.textContent = "Waiting for the transcript";
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    key = crypto.randomUUID();
  }
}

function getToken() {
  return /** @type {HTMLInputElement} */ (composer.querySelector("[name=csrfmiddlewaretoken]")).value;
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  const text = (button?.dataset.suggestion ?? question.value).trim();
  if (!text || composer.ariaBusy === "true") return;
  composer.ariaBusy = "true";
  state.textContent = "Sending";
  ask(text)
    .catch((error) => showToast(error.message))
    .finally(() => {
      composer.ariaBusy = null;
      state.textContent = "";
    });
});
question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});
question.addEventListener("input", () => {
  question.style.height = "auto";
  question.style.height = `${Math.min(question.scrollHeight, 240)}px`;
});

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
    const text = /** @type {HTMLElement} */ (target.closest(".answer").querySelector(".answer-text")).innerText;
    navigator.clipboard.writeText(text).then(
      () => showToast("Copied"),
      () => showToast("The browser did not allow copying. Select the text instead."),
    );
  }
});

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const url = form.dataset.api ?? form.dataset.again;
  if (!url || !getThread().contains(form)) return;
  event.preventDefault();
  act(url, Boolean(form.dataset.again)).catch((error) => showToast(error.message));
});

/**
 * Stop an answer, or write it again.
 * @param {string} url
 * @param {boolean} isAgain
 */
async function act(url, isAgain) {
  if (isAgain) {
    const controller = new AbortController();
    const headers = { "X-CSRFToken": getToken() };
    const response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers,
      signal: controller.signal,
    });
    if (response.status === 200) controller.abort();
    else {
      const data = await response.json().catch(() => /** @type {any} */ (null));
      throw new RequestError(
        data?.error?.message ?? "The transcript is still being created. Try again when it is there.",
      );
    }
  } else await requestJson(url, { method: "POST" });
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
const scroll = document.querySelector(".thread-scroll");
if (scroll && !location.hash) scroll.scrollTop = scroll.scrollHeight;
if (composer.dataset.stays === undefined && matchMedia("(pointer: fine)").matches)
  question.focus({ preventScroll: true });
