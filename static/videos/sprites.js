// Small stills on sheets, found by a WebVTT track whose cues each name a part of one: `sprite-000.jpg#xywh=0,0,240,136`.
import { insist, requestText } from "../sage/request.js";
import { frameAt } from "./align.js";

const CUE = /(\d+):(\d\d):(\d\d\.\d{3}) --> [^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;

export class Sprites {
  /** `address` answers with that of the track: it may change, as tickets do. */
  constructor(address) {
    this.address = address;
    this.sheets = new Map();
    this.wanted = null;
  }

  /** Draw what is shown at `seconds` onto a canvas. Asked again meanwhile, the newest wish wins. True once it is drawn. */
  async draw(canvas, seconds) {
    const wish = (this.wanted = { canvas, seconds });
    try {
      this.track ??= this.#read();
      const { starts, tiles } = await this.track;
      if (!tiles.length) return false;
      const { name, x, y, width, height } = tiles[frameAt(starts, seconds)];
      const sheet = await this.#sheet(name);
      if (this.wanted !== wish) return false;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      canvas.getContext("2d").drawImage(sheet, x, y, width, height, 0, 0, width, height);
      return true;
    } catch {
      this.track = null; // it may come with the next wish
      return false;
    }
  }

  /** Draw nothing of what was asked for last. */
  forget() {
    this.wanted = null;
  }

  async #read() {
    const text = await insist(() => requestText(this.address()));
    const cues = [...text.matchAll(CUE)];
    const starts = cues.map(([, hours, minutes, seconds]) => 3600 * hours + 60 * minutes + Number(seconds));
    const tiles = cues.map(([, , , , name, ...place]) => {
      const [x, y, width, height] = place.map(Number);
      return { name, x, y, width, height };
    });
    return { starts, tiles };
  }

  #sheet(name) {
    if (!this.sheets.has(name)) {
      const sheet = new Image();
      sheet.src = new URL(name, new URL(this.address(), location.href)).href;
      const loaded = sheet.decode().then(() => sheet);
      loaded.catch(() => this.sheets.delete(name));
      this.sheets.set(name, loaded);
    }
    return this.sheets.get(name);
  }
}
