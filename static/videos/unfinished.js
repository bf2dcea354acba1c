// Uploads that this browser has begun and not finished, so that they go on after a reload, a crash or a night.
//
// What is kept is which file it was, not its bytes: a browser keeps no 20 GB, and a copy of each part would cost the disk
// twice. So after a reload the same file is chosen again, and only what the server has not got goes over the line.

const DAYS_MS = 30 * 24 * 3600 * 1000; // the server keeps none for longer; which it has let go it says when it is asked
const nameOfLock = (id) => `sage.upload.${id}`;

/** Whether two are the same file, as far as a page can tell without reading them; either may be a record of one. */
export function isSame(one, other) {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

export class Unfinished {
  #key;
  #release = new Map();

  constructor(user) {
    this.#key = `sage.uploads.${user}`;
  }

  /** Remember an upload as soon as it has begun; this tab has it until it is let go, or closed. */
  keep(upload, file) {
    const { name, size, lastModified } = file;
    const { upload_id, part_size, part_count } = upload;
    const kept = { upload_id, part_size, part_count, name, size, lastModified, at: Date.now() };
    this.#write([...this.#read().filter((one) => one.upload_id !== upload_id), kept]);
    this.#hold(upload_id);
  }

  drop(id) {
    this.#write(this.#read().filter((one) => one.upload_id !== id));
    this.letGo(id);
  }

  /** Another tab may go on with it. */
  letGo(id) {
    this.#release.get(id)?.();
    this.#release.delete(id);
  }

  /** What `file` was begun as. */
  of(file) {
    return this.#read().find((one) => isSame(one, file));
  }

  /** Those that no tab is at. */
  async idle() {
    const busy = await this.#busy();
    return this.#read().filter((one) => !busy.has(nameOfLock(one.upload_id)));
  }

  /** Whether another tab is at it. */
  async isElsewhere(id) {
    return !this.#release.has(id) && (await this.#busy()).has(nameOfLock(id));
  }

  async #busy() {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    return new Set(held.map(({ name }) => name));
  }

  #hold(id) {
    if (this.#release.has(id) || !navigator.locks) return; // without HTTPS there are none; then each tab shows all
    navigator.locks.request(nameOfLock(id), () => new Promise((release) => this.#release.set(id, release)));
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.#key) ?? "[]").filter(({ at }) => Date.now() - at < DAYS_MS);
    } catch {
      return []; // none are kept where the browser keeps nothing
    }
  }

  #write(records) {
    try {
      localStorage.setItem(this.#key, JSON.stringify(records));
    } catch {
      // the upload goes on all the same; it cannot be resumed after a reload
    }
  }
}
