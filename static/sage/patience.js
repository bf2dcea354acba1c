// What was refused because it came too often is not asked for again before the server said that it may: what asks again
// by itself, by a timer or after a fault, would never get through otherwise, and would keep others waiting.

const until = new Map(); // by what is asked for: when it may be again

/** Addresses that differ only in whose they are count together on the server, so they wait together. */
const kind = (method, url) => `${method ?? "GET"} ${new URL(url, location.href).pathname.replace(/[0-9a-f-]{36}|\d+/g, "*")}`;

/** Seconds until this may be asked for again; 0 where it may be now. */
export function waitFor(method, url) {
  const seconds = ((until.get(kind(method, url)) ?? 0) - Date.now()) / 1000;
  return seconds > 0 ? seconds : 0;
}

/** The server refused this for so many seconds. */
export function remember(method, url, seconds) {
  until.set(kind(method, url), Date.now() + (Number(seconds) || 1) * 1000);
}

// What htmx asks for: a card that hears of a change, a search while it is typed.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { verb, path } = event.detail.requestConfig;
  if (waitFor(verb.toUpperCase(), path)) event.preventDefault();
});
document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status === 429) remember(requestConfig.verb.toUpperCase(), requestConfig.path, xhr.getResponseHeader("Retry-After"));
});
