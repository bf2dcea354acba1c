// @ts-check
// Show one upload as a row: a still and the duration from the file itself, and its progress.

const SPEED_WINDOW_MS = 5000; // the speed is an average over this
const NO_PROGRESS = "connection lost, retrying";
const PREVIEW_MS = 1500; // the wait for a still and a duration; a file that the browser cannot play has none

/**
 * @typedef {object} UploadProgress What the uploader reports.
 * @property {number} [sent] Bytes.
 * @property {number} [parts] Parts that are uploaded.
 * @property {boolean} [assembling] All parts are uploaded.
 * @property {RequestError} [failure] It is retried.
 */

export class UploadRow {
  /**
   * @param {HTMLTemplateElement} template
   * @param {File | FileIdentity} file
   * @param {Record<string, () => void>} actions Of the buttons: `pause`, `go`, `again`, `choose`, `cancel`.
   */
  constructor(template, file, actions) {
    this.file = file;
    this.element = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
    this.status = this.element.querySelector("[data-status]");
    this.bar = this.element.querySelector("progress");
    this.element.querySelector("[data-name]").textContent = file.name;
    this.element.querySelector("[data-buttons]").setAttribute("aria-label", file.name);
    this.element.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-do]");
      actions[button?.dataset.do]?.();
    });
    this.progress = { sent: 0, parts: 0, partCount: 1, assembling: false, problem: "" };
    /** @type {[time: number, sent: number][]} */
    this.samples = [];
    this.previewUrl = "";
    this.#showButtons("cancel");
    /** Resolves to the duration in seconds, or null if it is unknown. */
    this.duration = file instanceof File ? this.#showPreview(file) : Promise.resolve(null);

    // Set by the queue.
    /** @type {Record<string, string>} */
    this.metadata = {};
    /** @type {Upload | null} */
    this.upload = null;
    /** @type {AbortController | null} */
    this.control = null;
    /** @type {Transfer | null} */
    this.transfer = null;
  }

  /** Whether the file is being uploaded, waits in the queue, or is paused. */
  get isActive() {
    return !["failed", "unfinished"].includes(this.element.dataset.state);
  }

  showQueued() {
    this.#showState("waiting", "Queued");
    this.#showButtons("cancel");
  }

  showPreparing() {
    Object.assign(this.progress, { partCount: 0, assembling: false, problem: "" });
    this.#showState("", "Preparing");
    this.#showButtons("cancel");
  }

  /** @param {number} partCount */
  showUploading(partCount) {
    this.progress.partCount = partCount;
    this.samples = [];
    this.#showState("", "Uploading");
    this.#showButtons("pause", "cancel");
  }

  /** @param {UploadProgress} progress */
  update({ failure, ...progress }) {
    if ("parts" in progress && "sent" in progress) this.samples = []; // sent earlier, so it says nothing of the speed
    Object.assign(this.progress, { problem: "" }, progress);
    if (failure) this.progress.problem = failure.status ? `${failure.message} Retrying.` : NO_PROGRESS;
    if (this.element.dataset.state) return; // it was paused or has failed
    this.bar.value = this.progress.sent / this.file.size;
    this.status.textContent = this.#describeProgress();
    if (this.progress.assembling) this.#showButtons(...(failure ? ["cancel"] : []));
  }

  /** Update the speed, once a second. */
  tick() {
    if (!this.element.dataset.state) this.status.textContent = this.#describeProgress();
  }

  showPaused() {
    this.#showState("paused", `Paused at ${this.#describeAmount()}`);
    this.#showButtons("go", "cancel");
  }

  /**
   * Show an upload of an earlier page, whose file has to be chosen again.
   * @param {number} sent Bytes.
   */
  showUnfinished(sent) {
    this.progress.sent = sent;
    this.bar.value = sent / this.file.size;
    this.#showState("unfinished", `${this.#describeAmount()} uploaded. Choose the same file to resume.`);
    this.#showButtons("choose", "cancel");
  }

  /**
   * @param {string} message
   * @param {boolean} canRetry
   */
  showFailed(message, canRetry) {
    this.#showState("failed", message);
    this.status.setAttribute("role", "alert");
    this.#showButtons(...(canRetry ? ["again"] : []), "cancel");
    if (!canRetry) this.element.querySelector("[data-do=cancel]").textContent = "Dismiss";
  }

  close() {
    this.element.remove();
    const video = this.element.querySelector("video");
    video?.removeAttribute("src"); // before its URL is revoked, or it would request that
    video?.load();
    URL.revokeObjectURL(this.previewUrl);
  }

  /**
   * @param {string} name
   * @param {string} message
   */
  #showState(name, message) {
    this.element.dataset.state = name;
    this.status.textContent = message;
    this.status.setAttribute("role", "status");
  }

  /** @param {string[]} names */
  #showButtons(...names) {
    const hadFocus = this.element.contains(document.activeElement);
    for (const button of this.element.querySelectorAll("[data-do]")) button.hidden = !names.includes(button.dataset.do);
    if (hadFocus) this.element.querySelector("[data-do]:not([hidden])")?.focus();
  }

  #describeAmount() {
    return `${formatBytes(this.progress.sent)} of ${formatBytes(this.file.size)}`;
  }

  #describeProgress() {
    const { partCount, assembling, problem } = this.progress;
    if (partCount && !assembling) return this.#describeTransfer();
    const stage = assembling ? "Finishing upload" : "Preparing";
    return problem ? `${stage} · ${problem}` : stage;
  }

  #describeTransfer() {
    const { sent, parts, partCount, problem } = this.progress;
    if (!navigator.onLine) return `${this.#describeAmount()} · offline, resumes when the connection is back`;
    const now = performance.now();
    this.samples.push([now, sent]);
    while (this.samples.length > 2 && now - this.samples[0][0] > SPEED_WINDOW_MS) this.samples.shift();
    const [firstTime, firstSent] = this.samples[0];
    const elapsed = now - firstTime;
    const speed = elapsed > 500 ? ((sent - firstSent) / elapsed) * 1000 : 0; // bytes per second
    if (problem) return `${this.#describeAmount()} · ${problem}`;
    const facts = [this.#describeAmount()];
    if (partCount > 1) facts.push(`part ${Math.min(parts + 1, partCount)} of ${partCount}`);
    if (speed > 0) facts.push(`${formatBytes(speed)}/s`, `${formatTimeLeft((this.file.size - sent) / speed)} left`);
    else if (elapsed > SPEED_WINDOW_MS - 1000) facts.push(NO_PROGRESS);
    return facts.join(" · ");
  }

  /**
   * @param {File} file
   * @returns {Promise<number | null>}
   */
  #showPreview(file) {
    const video = this.element.querySelector("video");
    const time = this.element.querySelector("time");
    this.previewUrl = URL.createObjectURL(file);
    const known = new Promise((resolve) => {
      video.addEventListener("loadedmetadata", () => {
        const { duration } = video;
        video.currentTime = Math.min(1, duration / 4);
        time.hidden = !Number.isFinite(duration);
        time.textContent = time.hidden ? "" : formatDuration(duration);
        resolve(time.hidden ? null : duration);
      });
      video.addEventListener("error", () => {
        video.remove();
        resolve(null);
      });
      setTimeout(() => resolve(null), PREVIEW_MS);
    });
    video.src = this.previewUrl;
    return known;
  }
}

/** @param {number} bytes */
function formatBytes(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const number = bytes / 1000 ** step;
  return `${step > 1 && number < 100 ? number.toFixed(1) : Math.round(number)} ${units[step]}`;
}

/** @param {number} seconds */
function formatTimeLeft(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

/** @param {number} seconds */
function formatDuration(seconds) {
  const whole = Math.round(seconds);
  const twoDigits = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const tail = twoDigits(whole % 60);
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${tail}` : `${minutes}:${tail}`;
}
