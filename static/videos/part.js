// One part of a file on its way: its address is asked for, then the bytes go there, to S3 itself or to Sage.
import { remember, waitFor } from "../sage/patience.js";
import { RequestError, isFinal } from "../sage/request.js";

const SILENCE_MS = 30000; // a part that makes no progress for so long is given up, and tried again

/**
 * Send what Uppy's `uploadPartBytes` is given, by XMLHttpRequest, because fetch does not say how much has been sent.
 *
 * Rejects with a RequestError with words for the user, and with `source.status`, by which Uppy decides whether to try
 * again: it does so for anything but a refusal.
 */
export function putPart({ signature, body, onProgress, onComplete, signal }) {
  if (signature.refused) return Promise.reject(refusal(signature.refused.message, signature.refused.status));
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    let silence;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
    };
    const stop = () => request.abort();
    const end = (settle, value) => {
      clearTimeout(silence);
      signal?.removeEventListener("abort", stop);
      settle(value);
    };
    signal?.addEventListener("abort", stop);
    request.upload.addEventListener("progress", (event) => {
      listen();
      onProgress(event);
    });
    request.addEventListener("load", () => {
      const etag = request.getResponseHeader("ETag");
      if (request.status === 429) {
        clearTimeout(silence);
        remember("PUT", signature.url, request.getResponseHeader("Retry-After"));
        return setTimeout(() => end(fail, refusal(words(request), 429)), waitFor("PUT", signature.url) * 1000); // Uppy tries again then
      }
      if (request.status < 200 || request.status >= 300) return end(fail, refusal(words(request), request.status));
      if (!etag) return end(fail, refusal("A part arrived without its digest. What arrived is kept; try again."));
      onProgress({ loaded: body.size, lengthComputable: true });
      onComplete(etag);
      return end(done, { ETag: etag });
    });
    request.addEventListener("error", () => end(fail, refusal("The connection broke. What arrived is kept; try again.")));
    request.addEventListener("abort", () => end(fail, signal?.aborted ? signal.reason : refusal("The connection stalled. What arrived is kept; try again.")));
    request.open("PUT", signature.url);
    for (const [name, value] of Object.entries(signature.headers ?? {})) request.setRequestHeader(name, value);
    listen();
    request.send(body);
  });
}

function refusal(message, status = 0) {
  const error = new RequestError(message, status);
  error.source = { status: isFinal(error) ? 422 : 0 }; // Uppy would try some refusals again
  return error;
}

function words(request) {
  try {
    return JSON.parse(request.responseText).error.message;
  } catch {
    return `The store refused a part (${request.status}). What arrived is kept; try again.`;
  }
}
