// @ts-check
// Delay requests that the server has throttled until it accepts them again. Otherwise timers and retries would be
// rejected repeatedly.

/** @type {Map<string, number>} When each kind of request is accepted again, as Date.now(). */
const acceptedFrom = new Map();

/**
 * Return the kind of a request. The server counts URLs that differ only in an id together.
 * @param {string | undefined} method
 * @param {string} url
 */
function kindOf(method, url) {
  const { pathname } = new URL(url, location.href);
  return `${method ?? "GET"} ${pathname.replace(/[0-9a-f-]{36}|\d+/g, "*")}`;
}

/**
 * Return the seconds until a request is accepted again; 0 if it is accepted now.
 * @param {string | undefined} method
 * @param {string} url
 */
export function secondsUntilRetry(method, url) {
  const seconds = ((acceptedFrom.get(kindOf(method, url)) ?? 0) - Date.now()) / 1000;
  return seconds > 0 ? seconds : 0;
}

/**
 * Record that the server throttles a request for some seconds.
 * @param {string | undefined} method
 * @param {string} url
 * @param {number | string | null} seconds
 */
export function recordRetryAfter(method, url, seconds) {
  acceptedFrom.set(kindOf(method, url), Date.now() + (Number(seconds) || 1) * 1000);
}

// Requests of htmx, such as a card that refreshes itself or a search while typing.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { verb, path } = event.detail.requestConfig;
  if (secondsUntilRetry(verb.toUpperCase(), path)) event.preventDefault();
});
document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== 429) return;
  recordRetryAfter(requestConfig.verb.toUpperCase(), requestConfig.path, xhr.getResponseHeader("Retry-After"));
});
