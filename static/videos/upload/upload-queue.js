// @ts-check
// Upload files a few at a time, each with a row that shows its progress, and resume uploads that were started before.
import { RequestError, requestJson, requestJsonResponse, retryRequest } from "../../sage/request.js";
import { isRetryable, retryForHours } from "./long-retry.js";
import { isSameFile, ResumableUploads } from "./resumable-uploads.js";
import { UploadRow } from "./upload-row.js";
import { Uploader } from "./uploader.js";

const FILES_AT_ONCE = 3;
const DIGEST_BYTES = 64e6; // a file up to this size is hashed first, to find out whether the server has it

/** @typedef {{video: any, isNew: boolean, metadata?: Record<string, string>}} UploadResult */

export class UploadQueue {
  /**
   * @param {HTMLElement} list Of the rows.
   * @param {HTMLTemplateElement} template Of a row.
   * @param {HTMLFormElement} form
   * @param {(result: UploadResult) => void} onComplete
   */
  constructor(list, template, form, onComplete) {
    this.list = list;
    this.template = template;
    this.url = form.dataset.uploads;
    this.onComplete = onComplete;
    this.uploader = new Uploader(this.url);
    this.records = new ResumableUploads(form.dataset.user);
    /** @type {UploadRow[]} */
    this.waiting = [];
    /** @type {Set<UploadRow>} */
    this.running = new Set();
    /** @type {Set<UploadRow>} */
    this.rows = new Set();
    setInterval(() => {
      for (const row of this.running) row.tick();
    }, 1000);
  }

  /** Whether closing the page would interrupt an upload. */
  get isBusy() {
    return this.running.size > 0 || this.waiting.length > 0;
  }

  /**
   * Add a file to the queue.
   * @param {File} file
   * @param {Record<string, string>} [metadata] Sent when the upload is announced: `version_of`, `collection_id`.
   */
  add(file, metadata = {}) {
    const rows = [...this.rows].filter((row) => isSameFile(row.file, file));
    if (rows.some((row) => row.isActive)) return;
    const upload = rows.find((row) => row.upload)?.upload;
    for (const row of rows) this.#close(row); // these rows waited for this file, or have failed
    const row = this.#addRow(file);
    Object.assign(row, { metadata, upload });
    this.#enqueue(row);
  }

  /**
   * Show a row for each unfinished upload of an earlier page.
   * @param {() => void} chooseFiles
   * @param {(record: UploadRecord) => boolean} [isShown] Whether the page shows an upload.
   */
  async restore(chooseFiles, isShown = () => true) {
    for (const record of (await this.records.listIdle()).filter(isShown)) {
      try {
        const { parts } = await requestJson(`${this.url}/${record.upload_id}/parts`);
        this.#showUnfinished(record, chooseFiles, parts);
      } catch (error) {
        if (isRetryable(error)) this.#showUnfinished(record, chooseFiles, []);
        else await this.#closeRecord(record, error);
      }
    }
  }

  /**
   * @param {UploadRecord} record
   * @param {() => void} chooseFiles
   * @param {{size: number}[]} parts
   */
  #showUnfinished(record, chooseFiles, parts) {
    const row = this.#addRow(record, chooseFiles);
    row.upload = record;
    row.showUnfinished(parts.reduce((sum, { size }) => sum + size, 0));
  }

  /**
   * Remove the record of an upload that was completed, has expired, or was cancelled elsewhere.
   * @param {UploadRecord} record
   * @param {RequestError} error
   */
  async #closeRecord(record, error) {
    try {
      this.onComplete(await this.#fetchCompleted(record, error));
    } catch (problem) {
      if (isRetryable(problem)) return;
    }
    this.records.remove(record.upload_id);
  }

  /**
   * Return the video of an upload that was completed although its response was lost. Throws `error` for any other upload.
   * @param {{upload_id: string}} upload
   * @param {RequestError} error
   * @returns {Promise<UploadResult>}
   */
  async #fetchCompleted({ upload_id }, error) {
    if (error.status !== 409) throw error;
    try {
      const options = { method: "POST", body: { parts: /** @type {any[]} */ ([]) } };
      const { data, status } = await requestJsonResponse(`${this.url}/${upload_id}/complete`, options);
      return { video: data, isNew: status === 201 };
    } catch (problem) {
      throw problem.status === 409 ? error : problem;
    }
  }

  /**
   * @param {File | UploadRecord} file
   * @param {() => void} [chooseFiles]
   */
  #addRow(file, chooseFiles = () => {}) {
    const row = new UploadRow(this.template, file, {
      choose: chooseFiles,
      pause: () => this.#pause(row),
      go: () => this.#resume(row),
      again: () => this.#enqueue(row),
      cancel: () => this.#cancel(row),
    });
    this.rows.add(row);
    this.list.append(row.element);
    this.list.hidden = false;
    return row;
  }

  /** @param {UploadRow} row */
  #enqueue(row) {
    row.control = new AbortController();
    row.showQueued();
    this.waiting.push(row);
    this.#startNext();
  }

  #startNext() {
    while (this.running.size < FILES_AT_ONCE && this.waiting.length) this.#run(this.waiting.shift());
  }

  /** @param {UploadRow} row */
  async #run(row) {
    this.running.add(row);
    row.showPreparing();
    try {
      const result = await this.#upload(row);
      if (row.upload) this.records.remove(row.upload.upload_id);
      this.#close(row);
      this.onComplete({ ...result, metadata: row.metadata });
    } catch (error) {
      if (row.control.signal.aborted) return;
      const isKept = Boolean(row.upload) && ![404, 410].includes(error.status);
      if (!isKept) this.#forget(row);
      row.showFailed(error.message, isKept || !error.status || error.status === 429 || error.status >= 500);
    } finally {
      this.running.delete(row);
      row.transfer = null;
      this.#startNext();
    }
  }

  /**
   * @param {UploadRow} row
   * @returns {Promise<UploadResult>}
   */
  async #upload(row) {
    const { file, control } = row;
    const upload = row.upload ?? this.records.find(file);
    if (upload) {
      if (await this.records.isInOtherTab(upload.upload_id)) {
        throw new RequestError("This file is being uploaded in another tab.", 409);
      }
      row.upload = upload;
      try {
        return await this.#transfer(row, true).catch((error) => this.#fetchCompleted(upload, error));
      } catch (error) {
        if (![404, 410].includes(error.status)) throw error;
        this.#forget(row); // it has expired, so the upload starts again
      }
    }
    const video = await this.#announce(row);
    if (video) return { video, isNew: false };
    if (control.signal.aborted) this.#abort(row);
    control.signal.throwIfAborted();
    return this.#transfer(row, false);
  }

  /**
   * Announce an upload to the server. Returns the video if the server has the same bytes already.
   * @param {UploadRow} row
   */
  async #announce(row) {
    const file = /** @type {File} */ (row.file);
    const { signal } = row.control;
    const [duration, sha256] = await Promise.all([row.duration, computeDigest(file)]);
    signal.throwIfAborted();
    const { name: filename, size, type: content_type } = file;
    const body = { filename, size, content_type, duration, ...row.metadata, ...(sha256 && { sha256 }) };
    const idempotencyKey = crypto.randomUUID?.() ?? "";
    // Without the signal: a request that was sent is awaited, so that the upload can be cancelled on the server.
    const send = () => requestJsonResponse(this.url, { method: "POST", body, idempotencyKey });
    const { data, status } = await retryForHours(
      send,
      signal,
      (failure) => row.update({ failure }),
      (error) => Boolean(idempotencyKey) && error.status === 0,
    );
    if (status === 200) return data.video;
    row.upload = data;
    this.records.add(data, file);
    return null;
  }

  /**
   * @param {UploadRow} row
   * @param {boolean} isResumed
   * @returns {Promise<UploadResult>}
   */
  async #transfer(row, isResumed) {
    const { signal } = row.control;
    const file = /** @type {File} */ (row.file);
    if (isResumed) this.records.add(row.upload, file);
    row.transfer = await this.uploader.start(file, row.upload, isResumed, (progress) => row.update(progress));
    signal.addEventListener("abort", row.transfer.stop);
    if (signal.aborted) row.transfer.stop();
    signal.throwIfAborted();
    row.showUploading(row.upload.part_count);
    /** @type {Promise<never>} */
    const cancelled = new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    return Promise.race([row.transfer.done, cancelled]);
  }

  /** @param {UploadRow} row */
  #pause(row) {
    row.transfer?.pause();
    row.showPaused();
    this.running.delete(row);
    this.#startNext();
  }

  /** @param {UploadRow} row */
  #resume(row) {
    this.running.add(row);
    row.showUploading(row.upload.part_count);
    row.transfer?.resume();
  }

  /** @param {UploadRow} row */
  #cancel(row) {
    row.control?.abort();
    const place = this.waiting.indexOf(row);
    if (place >= 0) this.waiting.splice(place, 1);
    if (row.upload) this.#abort(row);
    this.#close(row);
  }

  /** @param {UploadRow} row */
  #abort(row) {
    const { upload_id } = row.upload;
    this.#forget(row);
    const send = () => requestJson(`${this.url}/${upload_id}`, { method: "DELETE" });
    retryRequest(send).catch(() => {}); // it expires in any case
  }

  /** @param {UploadRow} row */
  #forget(row) {
    if (row.upload) this.records.remove(row.upload.upload_id);
    row.upload = null;
  }

  /** @param {UploadRow} row */
  #close(row) {
    this.rows.delete(row);
    row.close();
    this.list.hidden = !this.list.children.length;
  }
}

/**
 * Return the SHA-256 of a small file in hexadecimal, or "" for a large file or a browser without Web Crypto.
 * @param {File} file
 */
async function computeDigest(file) {
  if (file.size > DIGEST_BYTES || !globalThis.crypto?.subtle) return "";
  const hash = await crypto.subtle
    .digest("SHA-256", await file.arrayBuffer())
    .catch(() => /** @type {ArrayBuffer} */ (null));
  return hash ? Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("") : "";
}
