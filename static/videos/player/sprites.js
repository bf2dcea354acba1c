// @ts-check
// Draw small stills from sprite sheets. A WebVTT track names the part of a sheet for each cue:
// `sprite-000.jpg#xywh=0,0,240,136`.
import { requestText, retryRequest } from "../../sage/request.js";
import { frameAt } from "./frame-times.js";

const CUE = /(\d+):(\d\d):(\d\d\.\d{3}) --> [^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;

/** @typedef {{name: string, x: number, y: number, width: number, height: number}} Tile In pixels of its sheet. */

export class SpriteTrack {
  /** @param {() => string} trackUrl Returns the URL of the track, which changes with its ticket. */
  constructor(trackUrl) {
    this.trackUrl = trackUrl;
    /** @type {Map<string, Promise<HTMLImageElement>>} */
    this.sheets = new Map();
    /** @type {Promise<{starts: number[], tiles: Tile[]}> | null} */
    this.track = null;
    this.drawNumber = 0;
  }

  /**
   * Draw the still at `seconds` onto a canvas. The newest of several calls wins. Resolves to whether it was drawn.
   * @param {HTMLCanvasElement} canvas
   * @param {number} seconds
   */
  async draw(canvas, seconds) {
    this.drawNumber += 1;
    const number = this.drawNumber;
    try {
      this.track ??= this.#fetchTrack();
      const { starts, tiles } = await this.track;
      if (!tiles.length) return false;
      const { name, x, y, width, height } = tiles[frameAt(starts, seconds)];
      const sheet = await this.#fetchSheet(name);
      if (this.drawNumber !== number) return false;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      canvas.getContext("2d").drawImage(sheet, x, y, width, height, 0, 0, width, height);
      return true;
    } catch {
      this.track = null; // the next call tries again
      return false;
    }
  }

  /** Cancel the last call of `draw`. */
  cancel() {
    this.drawNumber += 1;
  }

  async #fetchTrack() {
    const text = await retryRequest(() => requestText(this.trackUrl()));
    const cues = [...text.matchAll(CUE)];
    const starts = cues.map(([, hours, minutes, seconds]) => 3600 * +hours + 60 * +minutes + Number(seconds));
    const tiles = cues.map(([, , , , name, ...area]) => {
      const [x, y, width, height] = area.map(Number);
      return { name, x, y, width, height };
    });
    return { starts, tiles };
  }

  /** @param {string} name */
  #fetchSheet(name) {
    if (!this.sheets.has(name)) {
      const sheet = new Image();
      sheet.src = new URL(name, new URL(this.trackUrl(), location.href)).href;
      const loaded = sheet.decode().then(() => sheet);
      loaded.catch(() => this.sheets.delete(name));
      this.sheets.set(name, loaded);
    }
    return this.sheets.get(name);
  }
}
