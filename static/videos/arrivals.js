// Files on their way in, each a row: a few at a time, announced, carried, resumed where they were begun before.
import { RequestError, insist, requestAnswer, requestJson } from "../sage/request.js";
import { isPassing, persist } from "./persist.js";
import { Unfinished, isSame } from "./unfinished.js";
import { UploadRow } from "./upload-row.js";
import { Uploader } from "./uploader.js";

const FILES_AT_ONCE = 3;
const DIGEST_BYTES = 64e6; // of files up to this size it is found out before sending whether they are here already

export class Arrivals {
  /** `list` is where rows go, `form` says where uploads go and who uploads; `arrived({video, isNew, facts})` hears of each. */
  constructor(list, template, form, arrived) {
    this.list = list;
    this.template = template;
    this.address = form.dataset.uploads;
    this.arrived = arrived;
    this.uploader = new Uploader(this.address);
    this.unfinished = new Unfinished(form.dataset.user);
    this.waiting = [];
    this.going = new Set();
    this.rows = new Set();
    setInterval(() => this.going.forEach((row) => row.tick()), 1000);
  }

  /** Whether something would stop if the page were closed now. */
  get isBusy() {
    return this.going.size > 0 || this.waiting.length > 0;
  }

  /** `facts` go into the announcement: `version_of`, `collection_id`. */
  take(file, facts = {}) {
    const same = [...this.rows].filter((row) => isSame(row.file, file));
    if (same.some((row) => row.isUnderWay)) return;
    const begun = same.find((row) => row.upload)?.upload;
    for (const row of same) this.#close(row); // it asked for the file, or has failed
    const row = this.#row(file);
    Object.assign(row, { facts, upload: begun });
    this.#queue(row);
  }

  /** A row for each upload that an earlier page has left behind; `choose` opens the field for files. */
  async recall(choose) {
    for (const record of await this.unfinished.idle()) {
      try {
        const { parts } = await requestJson(`${this.address}/${record.upload_id}/parts`);
        this.#unfinished(record, choose, parts);
      } catch (error) {
        if (isPassing(error)) this.#unfinished(record, choose, []);
        else await this.#ended(record, error);
      }
    }
  }

  #unfinished(record, choose, parts) {
    const row = this.#row(record, choose);
    row.upload = record;
    row.isUnfinished(parts.reduce((sum, { size }) => sum + size, 0));
  }

  /** It has become a video, has lapsed, or was cancelled elsewhere. */
  async #ended(record, error) {
    try {
      this.arrived(await this.#became(record, error));
    } catch (told) {
      if (isPassing(told)) return;
    }
    this.unfinished.drop(record.upload_id);
  }

  /** The video, where `error` only says that the answer was lost which told of it. Else raises what stands in the way. */
  async #became({ upload_id }, error) {
    if (error.status !== 409) throw error;
    try {
      const { said, status } = await requestAnswer(`${this.address}/${upload_id}/complete`, { method: "POST", body: { parts: [] } });
      return { video: said, isNew: status === 201 };
    } catch (told) {
      throw told.status === 409 ? error : told;
    }
  }

  #row(file, choose = () => {}) {
    const row = new UploadRow(this.template, file, {
      choose,
      pause: () => this.#pause(row),
      go: () => this.#go(row),
      again: () => this.#queue(row),
      cancel: () => this.#cancel(row),
    });
    this.rows.add(row);
    this.list.append(row.element);
    this.list.hidden = false;
    return row;
  }

  #queue(row) {
    row.control = new AbortController();
    row.waits();
    this.waiting.push(row);
    this.#next();
  }

  #next() {
    while (this.going.size < FILES_AT_ONCE && this.waiting.length) this.#bring(this.waiting.shift());
  }

  async #bring(row) {
    this.going.add(row);
    row.begins();
    try {
      const held = await this.#carry(row);
      if (row.upload) this.unfinished.drop(row.upload.upload_id);
      this.#close(row);
      this.arrived({ ...held, facts: row.facts });
    } catch (error) {
      if (row.control.signal.aborted) return;
      const kept = Boolean(row.upload) && ![404, 410].includes(error.status);
      if (!kept) this.#forget(row);
      row.fails(error.message, kept || !error.status || error.status === 429 || error.status >= 500);
    } finally {
      this.going.delete(row);
      row.transfer = null;
      this.#next();
    }
  }

  async #carry(row) {
    const { file, control } = row;
    const begun = row.upload ?? this.unfinished.of(file);
    if (begun) {
      if (await this.unfinished.isElsewhere(begun.upload_id)) throw new RequestError("This file is on its way in another tab.", 409);
      row.upload = begun;
      try {
        return await this.#transfer(row, true).catch((error) => this.#became(begun, error));
      } catch (error) {
        if (![404, 410].includes(error.status)) throw error;
        this.#forget(row); // it lapsed meanwhile: from the start, then
      }
    }
    const video = await this.#announce(row);
    if (video) return { video, isNew: false };
    if (control.signal.aborted) this.#abort(row);
    control.signal.throwIfAborted();
    return this.#transfer(row, false);
  }

  /** Tell the server what comes. Returns the video where it holds the same bytes already. */
  async #announce(row) {
    const { file, facts } = row;
    const [duration, sha256] = await Promise.all([row.known, digest(file)]);
    row.control.signal.throwIfAborted();
    const body = { filename: file.name, size: file.size, content_type: file.type, duration, ...facts, ...(sha256 && { sha256 }) };
    const once = crypto.randomUUID?.() ?? "";
    const ask = () => requestAnswer(this.address, { method: "POST", body, once }); // to its end, so that what has begun can be cancelled
    const { said, status } = await persist(ask, row.control.signal, (failure) => row.hear({ failure }), ({ status }) => once && status === 0);
    if (status === 200) return said.video;
    row.upload = said;
    this.unfinished.keep(said, file);
    return null;
  }

  async #transfer(row, resumed) {
    const { signal } = row.control;
    if (resumed) this.unfinished.keep(row.upload, row.file);
    row.transfer = await this.uploader.start(row.file, row.upload, resumed, (news) => row.hear(news));
    signal.addEventListener("abort", row.transfer.stop);
    if (signal.aborted) row.transfer.stop();
    signal.throwIfAborted();
    row.goes(row.upload.part_count);
    const cancelled = new Promise((_, refuse) => signal.addEventListener("abort", () => refuse(signal.reason)));
    return Promise.race([row.transfer.done, cancelled]);
  }

  #pause(row) {
    row.transfer?.pause();
    row.pauses();
    this.going.delete(row);
    this.#next();
  }

  #go(row) {
    this.going.add(row);
    row.goes(row.upload.part_count);
    row.transfer?.go();
  }

  #cancel(row) {
    row.control?.abort();
    const place = this.waiting.indexOf(row);
    if (place >= 0) this.waiting.splice(place, 1);
    if (row.upload) this.#abort(row);
    this.#close(row);
  }

  #abort(row) {
    const { upload_id } = row.upload;
    this.#forget(row);
    insist(() => requestJson(`${this.address}/${upload_id}`, { method: "DELETE" })).catch(() => {}); // it lapses by itself
  }

  #forget(row) {
    if (row.upload) this.unfinished.drop(row.upload.upload_id);
    row.upload = null;
  }

  #close(row) {
    this.rows.delete(row);
    row.close();
    this.list.hidden = !this.list.children.length;
  }
}

/** The SHA-256 of a small file, worked out by the browser off the page's own thread; "" where it cannot. */
async function digest(file) {
  if (file.size > DIGEST_BYTES || !globalThis.crypto?.subtle) return "";
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer()).catch(() => null);
  return hash ? Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("") : "";
}
