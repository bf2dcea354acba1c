// @ts-check
// The form on a page of YouTube. A click on the action runs this script once; the form is in a closed shadow root, so
// that the page can neither style nor read it.
(() => {
  const HOST_ID = "sage-note-form";
  const CLOSE_MS = 2000;
  const STYLES = `
    :host { all: initial; color-scheme: light dark; }
    form { position: fixed; z-index: 2147483647; top: 72px; right: 24px; display: grid; gap: 10px;
      width: min(340px, calc(100vw - 32px)); box-sizing: border-box; padding: 16px; border-radius: 10px;
      border: 1px solid light-dark(#b3bbb3, #3f474e); background: light-dark(#fbfbfa, #14171a);
      color: light-dark(#171b18, #e9ecee); font: 14px/1.4 system-ui, sans-serif;
      box-shadow: 0 8px 24px #0006; }
    header { display: flex; gap: 8px; align-items: baseline; }
    h2 { flex: 1; margin: 0; font-size: 14px; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    b { padding: 1px 6px; border-radius: 5px; background: light-dark(#dcebdd, #23372a); color: light-dark(#22562f, #b9dcbe);
      font-variant-numeric: tabular-nums; }
    textarea { min-height: 72px; padding: 8px; border: 1px solid light-dark(#b3bbb3, #3f474e); border-radius: 8px;
      background: transparent; color: inherit; font: inherit; resize: vertical; }
    footer { display: flex; gap: 8px; justify-content: end; align-items: center; }
    p { flex: 1; margin: 0; font-size: 13px; }
    a { color: light-dark(#22562f, #b9dcbe); }
    button { padding: 6px 12px; border: 1px solid light-dark(#b3bbb3, #3f474e); border-radius: 8px; background: transparent;
      color: inherit; font: inherit; cursor: pointer; }
    button[type=submit] { border-color: transparent; background: light-dark(#2f6b3d, #9fc7a5); color: light-dark(#fff, #0c140e); }
    :focus-visible { outline: 2px solid light-dark(#1c5a2c, #c9e8ce); outline-offset: 2px; }
    [hidden] { display: none; }
  `;

  /** @param {number} seconds */
  function formatTimestamp(seconds) {
    const whole = Math.floor(seconds);
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const tail = String(rest).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
  }

  function readTitle() {
    const heading = document.querySelector("ytd-watch-metadata h1")?.textContent.trim();
    return heading || document.title.replace(/^\(\d+\) /, "").replace(/ - YouTube$/, "");
  }

  /**
   * @param {string} tag
   * @param {Record<string, any>} [properties]
   * @param {Element[]} [children]
   * @returns {any}
   */
  function build(tag, properties = {}, children = []) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  /** @type {HTMLVideoElement | null} */
  const video = document.querySelector("#movie_player video") ?? document.querySelector("video");
  const videoId = new URLSearchParams(location.search).get("v") ?? "";
  document.getElementById(HOST_ID)?.remove();

  const isAd = document.querySelector("#movie_player.ad-showing") !== null;
  const timestamp = formatTimestamp(video?.currentTime || 0);
  const title = readTitle();
  const wasPlaying = video !== null && !video.paused && !isAd;
  if (wasPlaying) video.pause();

  const heading = build("h2", { id: "heading", textContent: title || "Note" });
  const time = build("b", { textContent: timestamp });
  const field = build("textarea", { ariaLabel: `Note at ${timestamp}`, placeholder: "Add a note", maxLength: 10000 });
  const status = build("p", { role: "status" });
  const cancel = build("button", { type: "button", textContent: "Cancel" });
  const connect = build("button", { type: "button", textContent: "Connect", hidden: true });
  const save = build("button", { type: "submit", textContent: "Save" });
  /** @type {HTMLFormElement} */
  const form = build("form", {}, [
    build("header", {}, [time, heading]),
    field,
    build("footer", {}, [status, cancel, connect, save]),
  ]);
  form.setAttribute("role", "dialog");
  form.setAttribute("aria-labelledby", "heading");
  const host = build("div", { id: HOST_ID });
  const root = host.attachShadow({ mode: "closed" });
  const styles = new CSSStyleSheet();
  styles.replaceSync(STYLES);
  root.adoptedStyleSheets = [styles];
  root.append(form);

  function close() {
    host.remove();
    if (wasPlaying) video.play().catch(() => {});
  }

  /** @param {any} outcome */
  function showOutcome({ state, message, url }) {
    status.textContent = `${message} `;
    connect.hidden = state !== "signed-out";
    const isKept = state === "sent" || state === "waiting" || message.includes("kept");
    save.hidden = isKept;
    field.readOnly = isKept;
    cancel.textContent = isKept ? "Close" : "Cancel";
    if (state === "sent") {
      status.append(build("a", { href: url, target: "_blank", rel: "noopener", textContent: "Open in Sage" }));
      cancel.focus();
      setTimeout(() => {
        if (!form.matches(":hover")) close();
      }, CLOSE_MS);
    } else if (isKept) cancel.focus();
    else field.focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (save.disabled) return;
    save.disabled = true;
    status.textContent = "Saving…";
    try {
      showOutcome(await chrome.runtime.sendMessage({ type: "save", videoId, timestamp, text: field.value, title }));
    } catch {
      showOutcome({ state: "failed", message: "The extension was updated. Copy your text and reload this page." });
    } finally {
      save.disabled = false;
    }
  });
  cancel.addEventListener("click", close);
  connect.addEventListener("click", () => {
    chrome.runtime.sendMessage({ type: "connect" });
    close();
  });
  host.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation(); // the shortcuts of YouTube do not react to typing
  });
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && !event.shiftKey && event.target === field) {
      event.preventDefault();
      if (!save.hidden) form.requestSubmit();
    }
  });
  for (const name of ["keyup", "keypress"])
    host.addEventListener(name, (/** @type {Event} */ event) => event.stopPropagation());

  document.body.append(host);
  field.focus();
  if (isAd) {
    save.hidden = true;
    status.textContent = "An ad is playing. Take the note when the video plays.";
  }
})();
