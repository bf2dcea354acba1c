// @ts-check
// Send requests with a time limit, and retry them with a doubling delay and jitter if that is harmless.

import { recordRetryAfter, secondsUntilRetry } from "./retry-after.js";

export class RequestError extends Error {
  /**
   * @param {string} message For the user.
   * @param {number} [status] The HTTP status; 0 if there was no response.
   * @param {number} [wait] Seconds before which a retry would be rejected.
   */
  constructor(message, status = 0, wait = 0) {
    super(message);
    this.status = status;
    this.wait = wait;
  }
}

const LONGEST_WAIT_SECONDS = 60; // a longer wait is reported to the user immediately
const NO_RESPONSE = "The server did not respond. Check your connection and try again.";

/** @typedef {RequestInit & {signal?: AbortSignal}} FetchOptions */

/**
 * @typedef {object} JsonOptions
 * @property {string} [method]
 * @property {any} [body] Sent as JSON.
 * @property {AbortSignal} [signal]
 * @property {number} [seconds] Time limit.
 * @property {string} [idempotencyKey] Requests with the same key are carried out once.
 * @property {string} [ifMatch] The version that the request changes. It is refused if there is another by now.
 */

/** @param {number} milliseconds */
export const delay = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Return whether a retry would get the same response.
 * @param {{status?: number}} error
 */
export const isFinal = ({ status }) => status >= 400 && status < 500 && ![408, 429].includes(status);

/**
 * Call `send` up to three times, until it succeeds or fails with a final error.
 * @template T
 * @param {() => Promise<T>} send
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function retryRequest(send, signal = undefined) {
  for (let wait = 1000, tries = 1; ; wait *= 2, tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (tries === 3 || isFinal(error) || signal?.aborted || error.wait > LONGEST_WAIT_SECONDS) throw error;
      await delay((error.wait ?? 0) * 1000 + wait * (0.75 + Math.random() / 2));
    }
  }
}

/**
 * Return the JSON of a response.
 * @param {string} url
 * @param {JsonOptions} [options]
 * @returns {Promise<any>}
 * @throws {RequestError} With the server's message if it rejects the request.
 */
export async function requestJson(url, options) {
  return (await requestJsonResponse(url, options)).data;
}

/**
 * Return the JSON and the status of a response.
 * @param {string} url
 * @param {JsonOptions} [options]
 * @returns {Promise<{data: any, status: number}>}
 * @throws {RequestError}
 */
export async function requestJsonResponse(
  url,
  { method = "GET", body, signal, seconds = 15, idempotencyKey = "", ifMatch = "" } = {},
) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
  if (ifMatch) headers["If-Match"] = `"${ifMatch}"`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = getCsrfToken();
  const content = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetchWithLimit(url, { method, headers, body: content, signal }, seconds);
  const data = response.status === 204 ? null : await response.json().catch(() => /** @type {any} */ (null));
  if (!response.ok || data?.error) {
    throw buildError(response, data?.error?.message ?? `The server rejected the request (${response.status}).`);
  }
  // Something other than Sage responded, such as the login page of a network.
  if (data === null && response.status !== 204) throw new RequestError(NO_RESPONSE);
  return { data, status: response.status };
}

/**
 * Return the text of a response.
 * @param {string} url
 * @param {FetchOptions} [options]
 * @param {number} [seconds] Time limit.
 * @throws {RequestError}
 */
export async function requestText(url, options = {}, seconds = 15) {
  const response = await fetchWithLimit(url, options, seconds);
  if (!response.ok && response.type !== "opaqueredirect") {
    const isThrottled = response.status === 429;
    throw buildError(response, isThrottled ? describeThrottling(response.headers.get("Retry-After")) : NO_RESPONSE);
  }
  return response.text();
}

/**
 * Return the bytes of a file that does not change.
 * @param {string} url
 * @param {number} [seconds] Time limit.
 * @throws {RequestError}
 */
export function requestBytes(url, seconds = 20) {
  return retryRequest(async () => {
    const response = await fetchWithLimit(url, {}, seconds);
    if (!response.ok) throw buildError(response, NO_RESPONSE);
    return response.arrayBuffer();
  });
}

/**
 * @param {string} url
 * @param {FetchOptions} options
 * @param {number} seconds
 */
async function fetchWithLimit(url, options, seconds) {
  const wait = secondsUntilRetry(options.method, url);
  if (wait) throw new RequestError(describeThrottling(wait), 429, wait); // the server would reject it again
  const limit = AbortSignal.timeout(seconds * 1000);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  try {
    const response = await fetch(url, { credentials: "same-origin", ...options, signal });
    if (response.status === 429) recordRetryAfter(options.method, url, response.headers.get("Retry-After"));
    return response;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new RequestError(NO_RESPONSE);
  }
}

/**
 * @param {Response} response
 * @param {string} message
 */
function buildError(response, message) {
  return new RequestError(message, response.status, Number(response.headers.get("Retry-After")) || 0);
}

/** @param {number | string} seconds */
function describeThrottling(seconds) {
  return `Too many requests in a short time. Wait ${Math.ceil(Number(seconds))} s, then try again.`;
}

function getCsrfToken() {
  /** @type {HTMLInputElement} */
  const field = document.querySelector("[name=csrfmiddlewaretoken]");
  return field?.value ?? "";
}
