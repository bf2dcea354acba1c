// Uppy carries files in parts: several at once, paused, resumed, tried again. It is loaded when a file is first chosen.
// Sage's calls are S3's multipart protocol; see `videos/api/uploads.py`.
import { RequestError, isFinal, pause, requestAnswer, requestJson } from "../sage/request.js";
import { putPart } from "./part.js";
import { AGAIN_AFTER_MS, isPassing, persist, waitAfter } from "./persist.js";

const PARTS_AT_ONCE = 4; // of all files together; a browser opens six connections to a site, and the page needs some

let loading;

export class Uploader {
  #address;
  #uppy;
  #partSizes = new WeakMap();
  #under = new Map(); // by Uppy's id of a file: who hears of it
  #failures = 0; // of parts, since one arrived
  #calm = 0; // until when no part is sent

  constructor(address) {
    this.#address = address;
  }

  /**
   * Carry `file` for `upload`, which was begun now or, with `resumed`, some time ago: then only what is missing goes.
   *
   * `hear` gets `{sent}` in bytes, `{parts}` that are there, `{joining}`, and a `{failure}` that may pass. Returns `{done, pause, go, stop}`; `done`
   * resolves to `{video, isNew}`, and rejects with a RequestError. What has arrived is kept then.
   */
  async start(file, upload, resumed, hear) {
    const uppy = await this.#load();
    this.#partSizes.set(file, upload.part_size);
    const id = uppy.addFile({ name: file.name, type: file.type, data: file });
    // Named so, every upload counts as one that is resumed. Of those Uppy removes nothing by itself when it gives up.
    uppy.setFileState(id, { s3Multipart: { key: upload.upload_id, uploadId: upload.upload_id } });
    const done = new Promise((resolve, reject) => this.#under.set(id, { resolve, reject, hear, resumed, parts: 0 }));
    uppy.upload().catch(() => {}); // each file hears how it went
    const pause = (on) => uppy.getFile(id) && Boolean(uppy.getFile(id).isPaused) !== on && uppy.pauseResume(id);
    return {
      done,
      pause: () => pause(true),
      go: () => pause(false),
      stop: () => {
        this.#under.delete(id);
        uppy.removeFile(id);
      },
    };
  }

  async #load() {
    loading ??= import("../vendor/uppy.min.mjs");
    try {
      const { Uppy, AwsS3 } = await loading;
      this.#uppy ??= this.#make(Uppy, AwsS3);
    } catch {
      loading = undefined;
      throw new RequestError("The upload could not start, because the connection broke. Try again.");
    }
    return this.#uppy;
  }

  #make(Uppy, AwsS3) {
    const silent = { debug() {}, warn() {}, error() {} };
    const uppy = new Uppy({ logger: silent }).use(AwsS3, {
      limit: PARTS_AT_ONCE,
      retryDelays: AGAIN_AFTER_MS, // while the browser knows it is offline, Uppy waits
      shouldUseMultipart: true,
      getChunkSize: (file) => this.#partSizes.get(file),
      createMultipartUpload: () => Promise.reject(new RequestError("This upload has not begun.")), // each has; see start
      abortMultipartUpload: () => Promise.resolve(), // whoever cancels says so to the server
      signPart: (file, { uploadId, partNumber, signal }) => this.#sign(file, uploadId, partNumber, signal),
      uploadPartBytes: (part) => this.#put(part),
      listParts: (file, { uploadId, signal }) => this.#list(file, uploadId, signal),
      completeMultipartUpload: (file, { uploadId, parts, signal }) => this.#complete(file, uploadId, parts, signal),
    });
    uppy.on("upload-progress", (file, { bytesUploaded }) => this.#hearOf(file, { sent: bytesUploaded }));
    uppy.on("s3-multipart:part-uploaded", (file) => {
      const under = this.#under.get(file.id);
      if (under) under.hear({ parts: (under.parts += 1) });
    });
    uppy.on("upload-success", (file, { body }) => this.#end(file, "resolve", body));
    uppy.on("upload-error", (file, error) => file && this.#end(file, "reject", error));
    return uppy;
  }

  #end(file, how, value) {
    const under = this.#under.get(file.id);
    this.#under.delete(file.id);
    setTimeout(() => this.#uppy.removeFile(file.id)); // or it would be tried again with the next file
    under?.[how](value);
  }

  async #sign(file, uploadId, number, signal) {
    while (Date.now() < this.#calm) {
      await pause(Math.min(1000, this.#calm - Date.now()));
      signal?.throwIfAborted();
    }
    try {
      return { ...(await requestJson(`${this.#address}/${uploadId}/parts/${number}/url`, { signal })), file };
    } catch (error) {
      if (isFinal(error)) return { refused: error }; // Uppy asks again whatever the answer was, unless it gets one
      this.#failed(file, error);
      throw error;
    }
  }

  async #put(part) {
    try {
      const put = await putPart(part);
      this.#failures = this.#calm = 0;
      return put;
    } catch (error) {
      this.#failed(part.signature.file, error);
      throw error;
    }
  }

  /** All parts wait together: what one of a thousand cannot do now, the next need not try at once. */
  #failed(file, error) {
    if (!isPassing(error)) return;
    this.#hearOf(file, { failure: error });
    if (Date.now() < this.#calm) return; // it was under way when another failed
    this.#calm = Date.now() + waitAfter(this.#failures, error);
    this.#failures += 1;
  }

  #hearOf(file, news) {
    this.#under.get(file.id)?.hear(news);
  }

  async #list(file, uploadId, signal) {
    const under = this.#under.get(file.id);
    if (under && !under.resumed) {
      under.resumed = true; // from here on there is something: it was paused
      return [];
    }
    const ask = () => requestJson(`${this.#address}/${uploadId}/parts`, { signal });
    const { parts } = await persist(ask, signal, (failure) => this.#hearOf(file, { failure }));
    if (under) under.parts = parts.length;
    under?.hear({ parts: parts.length, sent: parts.reduce((sum, { size }) => sum + size, 0) });
    return parts.map(({ part_number: PartNumber, etag: ETag, size: Size }) => ({ PartNumber, ETag, Size }));
  }

  async #complete(file, uploadId, parts, signal) {
    this.#hearOf(file, { joining: true });
    const body = { parts: parts.map(({ PartNumber, ETag }) => ({ part_number: PartNumber, etag: ETag })) };
    const ask = () => requestAnswer(`${this.#address}/${uploadId}/complete`, { method: "POST", body, signal, seconds: 120 });
    const { said, status } = await persist(ask, signal, (failure) => this.#hearOf(file, { failure }));
    return { video: said, isNew: status === 201 };
  }
}
