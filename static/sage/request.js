// Requests that end: a time limit for each, and three tries, from one second doubling with jitter, where that is harmless.

import { remember, waitFor } from "./patience.js";

export class RequestError extends Error {
  /** `wait` is in seconds: sooner it need not be tried again. */
  constructor(message, status = 0, wait = 0) {
    super(message);
    this.status = status;
    this.wait = wait;
  }
}

const LONGEST_WAIT_SECONDS = 60; // who would have to wait longer is told so at once
const AWAY = "The server did not answer. Check the connection, then try again.";

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Whether asking again would get the same answer. */
export const isFinal = ({ status }) => status >= 400 && status < 500 && ![408, 429].includes(status);

/** Try `work` up to three times, unless it fails with an answer that will not change (4xx); not before it may. */
export async function insist(work, signal = undefined) {
  for (let wait = 1000, tries = 1; ; wait *= 2, tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === 3 || isFinal(error) || signal?.aborted || error.wait > LONGEST_WAIT_SECONDS) throw error;
      await pause((error.wait ?? 0) * 1000 + wait * (0.75 + Math.random() / 2));
    }
  }
}

/** The JSON of an answer. Raises RequestError with the server's own words where it refuses. */
export async function requestJson(url, options) {
  return (await requestAnswer(url, options)).said;
}

/** The same with the status: `{said, status}`. With the same key in `once` the server does it once, however often it is asked. */
export async function requestAnswer(url, { method = "GET", body, signal, seconds = 15, once = "" } = {}) {
  const headers = { Accept: "application/json", ...(once && { "Idempotency-Key": once }) };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  const answer = await limited(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal }, seconds);
  const said = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok || said?.error) throw refused(answer, said?.error?.message ?? `The server refused (${answer.status}).`);
  if (said === null && answer.status !== 204) throw new RequestError(AWAY); // something else answered: a login of the network
  return { said, status: answer.status };
}

/** The text of an answer. */
export async function requestText(url, options = {}, seconds = 15) {
  const answer = await limited(url, options, seconds);
  if (!answer.ok && answer.type !== "opaqueredirect") throw refused(answer, answer.status === 429 ? tooOften(answer.headers.get("Retry-After")) : AWAY);
  return answer.text();
}

/** The bytes of a file that does not change. */
export function requestBytes(url, seconds = 20) {
  return insist(async () => {
    const answer = await limited(url, {}, seconds);
    if (!answer.ok) throw refused(answer, AWAY);
    return answer.arrayBuffer();
  });
}

async function limited(url, options, seconds) {
  const wait = waitFor(options.method, url);
  if (wait) throw new RequestError(tooOften(wait), 429, wait); // it would be refused again
  const limit = AbortSignal.timeout(seconds * 1000);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  try {
    const answer = await fetch(url, { credentials: "same-origin", ...options, signal });
    if (answer.status === 429) remember(options.method, url, answer.headers.get("Retry-After"));
    return answer;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new RequestError(AWAY);
  }
}

const refused = (answer, message) => new RequestError(message, answer.status, Number(answer.headers.get("Retry-After")) || 0);

const tooOften = (seconds) => `This was asked for too often in a short time. Wait ${Math.ceil(seconds)} s, then try again.`;

function csrfToken() {
  return document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}
