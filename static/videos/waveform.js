// How loud a video is over its length, drawn from audiowaveform's data format (version 2, 8 bits, one channel).
import { requestBytes } from "../sage/request.js";

const COLUMNS = 1000;
const HEADER_BYTES = 24;
const MOST_GAIN = 8; // the loudest fills the height, but what is all but silent stays low

/** Draw the file at `address` into `path`s of an SVG whose view box is 1000 by 2, from -1 to 1. Raises RequestError. */
export async function drawWaveform(address, paths) {
  const drawn = outline(await requestBytes(address));
  for (const path of paths) path.setAttribute("d", drawn);
}

function outline(file) {
  const slots = new DataView(file).getUint32(16, true);
  const pairs = new Int8Array(file, HEADER_BYTES, 2 * slots);
  const count = Math.min(COLUMNS, slots);
  const full = 128 / Math.min(pairs.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 128, 128);
  const gain = Math.min(full, MOST_GAIN) / 128;
  const bars = [];
  for (let column = 0; column < count; column += 1) {
    let [lowest, highest] = [0, 0];
    for (let slot = Math.floor((column * slots) / count); slot < Math.floor(((column + 1) * slots) / count); slot += 1) {
      lowest = Math.min(lowest, pairs[2 * slot]);
      highest = Math.max(highest, pairs[2 * slot + 1]);
    }
    const [left, right] = [(column * COLUMNS) / count, ((column + 1) * COLUMNS) / count];
    const [top, bottom] = [Math.min(-highest * gain, -0.02), Math.max(-lowest * gain, 0.02)]; // silence is a line
    bars.push(`M${left.toFixed(2)} ${top.toFixed(3)}H${right.toFixed(2)}V${bottom.toFixed(3)}H${left.toFixed(2)}Z`);
  }
  return bars.join("");
}
