// @ts-check
// Draw the loudness of a video over its duration, from audiowaveform's data format (version 2, 8 bits, one channel).
import { requestBytes } from "../../sage/request.js";

const COLUMNS = 1000;
const HEADER_BYTES = 24;
const MOST_GAIN = 8; // the loudest sound fills the height, except in a nearly silent video

/**
 * Draw a waveform into paths of an SVG whose view box is 1000 by 2, from -1 to 1.
 * @param {string} url
 * @param {Iterable<Element>} paths
 * @throws {RequestError}
 */
export async function drawWaveform(url, paths) {
  const outline = buildPath(await requestBytes(url));
  for (const path of paths) path.setAttribute("d", outline);
}

/** @param {ArrayBuffer} file */
function buildPath(file) {
  const slots = new DataView(file).getUint32(16, true);
  const pairs = new Int8Array(file, HEADER_BYTES, 2 * slots);
  const count = Math.min(COLUMNS, slots);
  const loudest = pairs.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 128;
  const gain = Math.min(128 / Math.min(loudest, 128), MOST_GAIN) / 128;
  const columns = [];
  for (let column = 0; column < count; column += 1) {
    let [lowest, highest] = [0, 0];
    const end = Math.floor(((column + 1) * slots) / count);
    for (let slot = Math.floor((column * slots) / count); slot < end; slot += 1) {
      lowest = Math.min(lowest, pairs[2 * slot]);
      highest = Math.max(highest, pairs[2 * slot + 1]);
    }
    const [left, right] = [(column * COLUMNS) / count, ((column + 1) * COLUMNS) / count];
    const [top, bottom] = [Math.min(-highest * gain, -0.02), Math.max(-lowest * gain, 0.02)]; // silence is a line
    columns.push(`M${left.toFixed(2)} ${top.toFixed(3)}H${right.toFixed(2)}V${bottom.toFixed(3)}H${left.toFixed(2)}Z`);
  }
  return columns.join("");
}
