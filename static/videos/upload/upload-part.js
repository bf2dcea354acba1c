// @ts-check
// Send one part of a file to its signed URL, which is of S3 or of Sage.
import { isFinal, RequestError } from "../../sage/request.js";
import { recordRetryAfter, secondsUntilRetry } from "../../sage/retry-after.js";

const STALL_MS = 30000; // a part without progress for this long is aborted and retried

/** An error of a part. Uppy decides by `source.status` whether to retry: always, unless the part was rejected. */
class PartError extends RequestError {
  /**
   * @param {string} message
   * @param {number} [status]
   */
  constructor(message, status = 0) {
    super(message, status);
    this.source = { status: isFinal(this) ? 422 : 0 }; // Uppy would retry some other final statuses
  }
}

/**
 * Send a part as Uppy's `uploadPartBytes`. It uses XMLHttpRequest, because fetch does not report upload progress.
 * @param {object} part
 * @param {any} part.signature
 * @param {Blob} part.body
 * @param {(progress: {loaded: number, lengthComputable: boolean}) => void} part.onProgress
 * @param {(etag: string) => void} part.onComplete
 * @param {AbortSignal} [part.signal]
 * @returns {Promise<{ETag: string}>} Rejects with a PartError, whose message is for the user.
 */
export function putPart({ signature, body, onProgress, onComplete, signal }) {
  const { rejection } = signature;
  if (rejection) return Promise.reject(new PartError(rejection.message, rejection.status));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stallTimer = 0;
    const restartStallTimer = () => {
      clearTimeout(stallTimer);
      stallTimer = setTimeout(() => request.abort(), STALL_MS);
    };
    const abort = () => request.abort();
    const cleanUp = () => {
      clearTimeout(stallTimer);
      signal?.removeEventListener("abort", abort);
    };
    /** @param {any} error */
    const fail = (error) => {
      cleanUp();
      reject(error);
    };
    signal?.addEventListener("abort", abort);
    request.upload.addEventListener("progress", (event) => {
      restartStallTimer();
      onProgress(event);
    });
    request.addEventListener("load", () => {
      const etag = request.getResponseHeader("ETag");
      if (request.status === 429) {
        clearTimeout(stallTimer);
        recordRetryAfter("PUT", signature.url, request.getResponseHeader("Retry-After"));
        const wait = secondsUntilRetry("PUT", signature.url) * 1000; // Uppy retries once the part has failed
        setTimeout(() => fail(new PartError(readMessage(request), 429)), wait);
      } else if (request.status < 200 || request.status >= 300) {
        fail(new PartError(readMessage(request), request.status));
      } else if (!etag) {
        fail(new PartError("The storage did not confirm a part. Uploaded parts are kept. Try again."));
      } else {
        onProgress({ loaded: body.size, lengthComputable: true });
        onComplete(etag);
        cleanUp();
        resolve({ ETag: etag });
      }
    });
    request.addEventListener("error", () => {
      fail(new PartError("The connection was lost. Uploaded parts are kept. Try again."));
    });
    request.addEventListener("abort", () => {
      const timeout = new PartError("The connection timed out. Uploaded parts are kept. Try again.");
      fail(signal?.aborted ? signal.reason : timeout);
    });
    request.open("PUT", signature.url);
    for (const [name, value] of Object.entries(signature.headers ?? {})) request.setRequestHeader(name, String(value));
    restartStallTimer();
    request.send(body);
  });
}

/** @param {XMLHttpRequest} request */
function readMessage(request) {
  try {
    return JSON.parse(request.responseText).error.message;
  } catch {
    return `The storage rejected a part (${request.status}). Uploaded parts are kept. Try again.`;
  }
}
