// @ts-check
// Upload files in parts with Uppy, which sends parts in parallel, pauses, resumes and retries. Uppy is loaded with the
// first file. The requests follow S3's multipart protocol; see `videos/api/uploads.py`.
import { delay, isFinal, RequestError, requestJson, requestJsonResponse } from "../../sage/request.js";
import { isRetryable, RETRY_DELAYS_MS, retryDelay, retryForHours } from "./long-retry.js";
import { putPart } from "./upload-part.js";

const PARTS_AT_ONCE = 4; // of all files together; a browser opens six connections to a site, and the page needs some

/**
 * @typedef {object} Transfer
 * @property {Promise<{video: any, isNew: boolean}>} done Rejects with a RequestError; uploaded parts are then kept.
 * @property {() => void} pause
 * @property {() => void} resume
 * @property {() => void} stop
 */

/**
 * @typedef {object} Job A file that is being uploaded.
 * @property {(value: any) => void} resolve
 * @property {(error: any) => void} reject
 * @property {(progress: UploadProgress) => void} onProgress
 * @property {boolean} isResumed
 * @property {number} parts Parts that are uploaded.
 */

/** @type {Promise<any> | undefined} */
let loading;

export class Uploader {
  /** @type {string} */
  #url;
  /** @type {any} */
  #uppy;
  /** @type {WeakMap<File, number>} */
  #partSizes = new WeakMap();
  /** @type {Map<string, Job>} By Uppy's id of the file. */
  #jobs = new Map();
  #failures = 0; // of parts, since the last success
  #heldUntil = 0; // no part is sent before, as Date.now()

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /**
   * Start to send a file. Of a resumed upload only the missing parts are sent.
   * @param {File} file
   * @param {Upload} upload
   * @param {boolean} isResumed
   * @param {Job["onProgress"]} onProgress
   * @returns {Promise<Transfer>}
   */
  async start(file, upload, isResumed, onProgress) {
    const uppy = await this.#load();
    this.#partSizes.set(file, upload.part_size);
    const id = uppy.addFile({ name: file.name, type: file.type, data: file });
    // With this state Uppy resumes every upload, and does not abort one on the server when it gives up.
    uppy.setFileState(id, { s3Multipart: { key: upload.upload_id, uploadId: upload.upload_id } });
    const done = new Promise((resolve, reject) => {
      this.#jobs.set(id, { resolve, reject, onProgress, isResumed, parts: 0 });
    });
    uppy.upload().catch(() => {}); // `done` reports the failure
    /** @param {boolean} isPaused */
    const setPaused = (isPaused) => {
      const state = uppy.getFile(id);
      if (state && Boolean(state.isPaused) !== isPaused) uppy.pauseResume(id);
    };
    return {
      done,
      pause: () => setPaused(true),
      resume: () => setPaused(false),
      stop: () => {
        this.#jobs.delete(id);
        uppy.removeFile(id);
      },
    };
  }

  async #load() {
    loading ??= import("../../vendor/uppy.min.mjs");
    try {
      const { Uppy, AwsS3 } = await loading;
      this.#uppy ??= this.#configure(Uppy, AwsS3);
    } catch {
      loading = undefined;
      throw new RequestError("The upload could not start because the connection was lost. Try again.");
    }
    return this.#uppy;
  }

  /**
   * @param {any} Uppy
   * @param {any} AwsS3
   */
  #configure(Uppy, AwsS3) {
    const logger = { debug() {}, warn() {}, error() {} };
    const uppy = new Uppy({ logger }).use(AwsS3, {
      limit: PARTS_AT_ONCE,
      retryDelays: RETRY_DELAYS_MS, // Uppy waits while the browser is offline
      shouldUseMultipart: true,
      getChunkSize: (/** @type {any} */ file) => this.#partSizes.get(file),
      // Every upload was announced before; see start().
      createMultipartUpload: () => Promise.reject(new RequestError("The upload has not started.")),
      abortMultipartUpload: () => Promise.resolve(), // the queue cancels it on the server
      signPart: (/** @type {any} */ file, /** @type {any} */ part) => this.#signPart(file, part),
      uploadPartBytes: (/** @type {any} */ part) => this.#putPart(part),
      listParts: (/** @type {any} */ file, /** @type {any} */ upload) => this.#listParts(file, upload),
      completeMultipartUpload: (/** @type {any} */ file, /** @type {any} */ upload) => this.#complete(file, upload),
    });
    uppy.on("upload-progress", (/** @type {any} */ file, /** @type {any} */ progress) => {
      this.#report(file, { sent: progress.bytesUploaded });
    });
    uppy.on("s3-multipart:part-uploaded", (/** @type {any} */ file) => {
      const job = this.#jobs.get(file.id);
      if (!job) return;
      job.parts += 1;
      job.onProgress({ parts: job.parts });
    });
    uppy.on("upload-success", (/** @type {any} */ file, /** @type {any} */ response) => {
      this.#finish(file)?.resolve(response.body);
    });
    uppy.on("upload-error", (/** @type {any} */ file, /** @type {any} */ error) => {
      if (file) this.#finish(file)?.reject(error);
    });
    return uppy;
  }

  /**
   * Remove a file and return its job.
   * @param {{id: string}} file
   */
  #finish(file) {
    const job = this.#jobs.get(file.id);
    this.#jobs.delete(file.id);
    setTimeout(() => this.#uppy.removeFile(file.id)); // or Uppy would retry it with the next file
    return job;
  }

  /**
   * @param {any} file
   * @param {{uploadId: string, partNumber: number, signal?: AbortSignal}} part
   */
  async #signPart(file, { uploadId, partNumber, signal }) {
    while (Date.now() < this.#heldUntil) {
      await delay(Math.min(1000, this.#heldUntil - Date.now()));
      signal?.throwIfAborted();
    }
    try {
      const signature = await requestJson(`${this.#url}/${uploadId}/parts/${partNumber}/url`, { signal });
      return { ...signature, file };
    } catch (error) {
      if (isFinal(error)) return { rejection: error }; // Uppy would retry any error; putPart rejects with this one
      this.#handleFailure(file, error);
      throw error;
    }
  }

  /** @param {any} part */
  async #putPart(part) {
    try {
      const result = await putPart(part);
      this.#failures = 0;
      this.#heldUntil = 0;
      return result;
    } catch (error) {
      this.#handleFailure(part.signature.file, error);
      throw error;
    }
  }

  /**
   * Hold back all parts after a failure, since the others would fail too.
   * @param {any} file
   * @param {any} error
   */
  #handleFailure(file, error) {
    if (!isRetryable(error)) return;
    this.#report(file, { failure: error });
    if (Date.now() < this.#heldUntil) return; // it was sent before the first failure
    this.#heldUntil = Date.now() + retryDelay(this.#failures, error);
    this.#failures += 1;
  }

  /**
   * @param {any} file
   * @param {UploadProgress} progress
   */
  #report(file, progress) {
    this.#jobs.get(file?.id)?.onProgress(progress);
  }

  /**
   * @param {any} file
   * @param {{uploadId: string, signal?: AbortSignal}} upload
   */
  async #listParts(file, { uploadId, signal }) {
    const job = this.#jobs.get(file.id);
    if (job && !job.isResumed) {
      job.isResumed = true; // a later call is after a pause
      return [];
    }
    const send = () => requestJson(`${this.#url}/${uploadId}/parts`, { signal });
    /** @type {{parts: {part_number: number, etag: string, size: number}[]}} */
    const { parts } = await retryForHours(send, signal, (failure) => this.#report(file, { failure }));
    if (job) job.parts = parts.length;
    job?.onProgress({ parts: parts.length, sent: parts.reduce((sum, { size }) => sum + size, 0) });
    return parts.map(({ part_number: PartNumber, etag: ETag, size: Size }) => ({ PartNumber, ETag, Size }));
  }

  /**
   * @param {any} file
   * @param {{uploadId: string, parts: {PartNumber: number, ETag: string}[], signal?: AbortSignal}} upload
   */
  async #complete(file, { uploadId, parts, signal }) {
    this.#report(file, { assembling: true });
    const body = { parts: parts.map(({ PartNumber, ETag }) => ({ part_number: PartNumber, etag: ETag })) };
    const options = { method: "POST", body, signal, seconds: 120 };
    const send = () => requestJsonResponse(`${this.#url}/${uploadId}/complete`, options);
    const { data, status } = await retryForHours(send, signal, (failure) => this.#report(file, { failure }));
    return { video: data, isNew: status === 201 };
  }
}
