// @ts-check
// Keep what is written and attached but not sent, for this tab, and the question that waits to be sent, for this browser.

const KEPT_MS = 24 * 3600 * 1000;

/** @typedef {{url: string, body: Record<string, any>, key: string, at: number}} PendingQuestion `at` as Date.now(). */

export class Drafts {
  /** @param {string} user */
  constructor(user) {
    this.user = user || "guest";
  }

  get #draftKey() {
    return `sage.draft.${this.user}.${location.pathname}`;
  }

  /**
   * Keep a draft of this page, or remove it if it is null.
   * @param {Record<string, any> | null} draft
   */
  save(draft) {
    if (draft) write(sessionStorage, this.#draftKey, draft);
    else sessionStorage.removeItem(this.#draftKey);
  }

  read() {
    return read(sessionStorage, this.#draftKey);
  }

  /** @param {string} url Of the messages of a conversation. */
  #pendingKey(url) {
    return `sage.question.${this.user}.${url}`;
  }

  /**
   * Keep a question that is being sent. With its key, it is stored once however often it is sent.
   * @param {string} url
   * @param {Record<string, any>} body
   * @param {string} key
   */
  savePending(url, body, key) {
    write(localStorage, this.#pendingKey(url), { url, body, key, at: Date.now() });
  }

  /**
   * @param {string} url
   * @returns {PendingQuestion | null}
   */
  readPending(url) {
    const pending = read(localStorage, this.#pendingKey(url));
    return pending && Date.now() - pending.at < KEPT_MS ? pending : null;
  }

  /** @param {string} url */
  removePending(url) {
    localStorage.removeItem(this.#pendingKey(url));
  }
}

/**
 * @param {Storage} storage
 * @param {string} key
 * @param {any} value
 */
function write(storage, key, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // The storage is full or forbidden: the text stays on the page.
  }
}

/**
 * @param {Storage} storage
 * @param {string} key
 */
function read(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}
