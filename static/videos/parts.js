// One file to the server by S3's multipart protocol: announced, sent in parts, completed, or aborted.
import { RequestError, insist, requestJson } from "../sage/request.js";

const PARTS_AT_ONCE = 3;
const SILENCE_MS = 30000; // a part that makes no progress for so long is tried again

/** Returns the new video. `tell(sent, part, parts)` hears bytes sent and parts done. Raises RequestError with words for the user. */
export async function sendFile(uploads, file, signal, tell) {
  const announced = { filename: file.name, size: file.size, content_type: file.type };
  const upload = await requestJson(uploads, { method: "POST", body: announced, signal });
  const here = `${uploads}/${upload.upload_id}`;
  const abort = () => requestJson(here, { method: "DELETE" }).catch(() => {}); // it lapses by itself
  try {
    const parts = await sendParts(here, file, upload, signal, tell);
    signal.throwIfAborted();
    return await insist(() => requestJson(`${here}/complete`, { method: "POST", body: { parts }, seconds: 60 }), signal);
  } catch (error) {
    abort();
    throw error;
  }
}

async function sendParts(here, file, upload, signal, tell) {
  const sent = new Array(upload.part_count).fill(0);
  const parts = [];
  let following = 1;
  const total = () => sent.reduce((sum, bytes) => sum + bytes, 0);

  async function work() {
    while (following <= upload.part_count) {
      const number = following;
      following += 1;
      const blob = file.slice((number - 1) * upload.part_size, number * upload.part_size);
      const etag = await insist(async () => {
        signal.throwIfAborted();
        const { url } = await requestJson(`${here}/parts/${number}/url`, { signal });
        return put(url, blob, signal, (bytes) => {
          sent[number - 1] = bytes;
          tell(total(), parts.length, upload.part_count);
        });
      }, signal);
      sent[number - 1] = blob.size;
      parts.push({ part_number: number, etag });
      tell(total(), parts.length, upload.part_count);
    }
  }

  await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, upload.part_count) }, work));
  return parts.sort((one, two) => one.part_number - two.part_number);
}

/** By XMLHttpRequest, because fetch does not say how much has been sent. */
function put(url, blob, signal, tell) {
  return new Promise((done, refuse) => {
    const request = new XMLHttpRequest();
    let silence;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
    };
    const end = (settle) => {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      settle();
    };
    const lost = () => refuse(new RequestError("The connection broke. Nothing was kept; choose the file again."));
    const stop = () => request.abort();
    signal.addEventListener("abort", stop);
    request.upload.addEventListener("progress", (event) => {
      listen();
      tell(event.loaded);
    });
    request.addEventListener("load", () =>
      end(() => {
        const etag = request.getResponseHeader("ETag");
        if (request.status >= 200 && request.status < 300 && etag) done(etag);
        else refuse(new RequestError(words(request), request.status));
      }),
    );
    for (const name of ["error", "abort"]) request.addEventListener(name, () => end(lost));
    request.open("PUT", url);
    listen();
    request.send(blob);
  });
}

function words(request) {
  try {
    return JSON.parse(request.responseText).error.message;
  } catch {
    return `The server refused a part (${request.status}). Nothing was kept; choose the file again.`;
  }
}
