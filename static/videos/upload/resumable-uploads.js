// @ts-check
// Record the unfinished uploads of this browser, so that they resume after a reload or a crash.
//
// The record says which file it was and does not hold its bytes, since browsers cannot store 20 GB. After a reload the
// user chooses the same file again, and only the parts that the server lacks are sent.

const KEPT_MS = 30 * 24 * 3600 * 1000; // no longer than on the server, which reports uploads that have expired

/** @typedef {{name: string, size: number, lastModified: number}} FileIdentity */
/** @typedef {{upload_id: string, part_size: number, part_count: number}} Upload */
/** @typedef {Upload & FileIdentity & {at: number}} UploadRecord `at` as Date.now(). */

/** @param {string} id */
const lockName = (id) => `sage.upload.${id}`;

/**
 * Return whether two files or records are of the same file, as far as a page can tell without reading them.
 * @param {FileIdentity} one
 * @param {FileIdentity} other
 */
export function isSameFile(one, other) {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

export class ResumableUploads {
  /** @type {string} */
  #key;
  /** @type {Map<string, (value?: any) => void>} */
  #releases = new Map();

  /** @param {string} user */
  constructor(user) {
    this.#key = `sage.uploads.${user}`;
  }

  /**
   * Record an upload that has started, and lock it for this tab.
   * @param {Upload} upload
   * @param {FileIdentity} file
   */
  add(upload, file) {
    const { name, size, lastModified } = file;
    const { upload_id, part_size, part_count } = upload;
    const record = { upload_id, part_size, part_count, name, size, lastModified, at: Date.now() };
    this.#write([...this.#read().filter((other) => other.upload_id !== upload_id), record]);
    this.#lock(upload_id);
  }

  /** @param {string} id */
  remove(id) {
    this.#write(this.#read().filter((record) => record.upload_id !== id));
    this.#unlock(id);
  }

  /**
   * Return the record of a file.
   * @param {FileIdentity} file
   */
  find(file) {
    return this.#read().find((record) => isSameFile(record, file));
  }

  /** Return the records that no tab has locked. */
  async listIdle() {
    const locks = await this.#listLocks();
    return this.#read().filter((record) => !locks.has(lockName(record.upload_id)));
  }

  /**
   * Return whether another tab has locked an upload.
   * @param {string} id
   */
  async isInOtherTab(id) {
    return !this.#releases.has(id) && (await this.#listLocks()).has(lockName(id));
  }

  async #listLocks() {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    return new Set(held.map(({ name }) => name));
  }

  /** @param {string} id */
  #lock(id) {
    if (this.#releases.has(id) || !navigator.locks) return; // there are no locks without HTTPS
    navigator.locks.request(lockName(id), () => new Promise((release) => this.#releases.set(id, release)));
  }

  /** @param {string} id */
  #unlock(id) {
    this.#releases.get(id)?.();
    this.#releases.delete(id);
  }

  /** @returns {UploadRecord[]} */
  #read() {
    try {
      /** @type {UploadRecord[]} */
      const records = JSON.parse(localStorage.getItem(this.#key) ?? "[]");
      return records.filter(({ at }) => Date.now() - at < KEPT_MS);
    } catch {
      return []; // the browser has no storage
    }
  }

  /** @param {UploadRecord[]} records */
  #write(records) {
    try {
      localStorage.setItem(this.#key, JSON.stringify(records));
    } catch {
      // The upload continues, but cannot resume after a reload.
    }
  }
}
