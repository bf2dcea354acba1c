// @ts-check
// Load the real time of each frame, as the server measured it, and format times.
import { requestBytes } from "../../sage/request.js";

/**
 * Return the seconds of every frame, counted from the first. The file is little-endian, as browsers' machines are.
 * @param {string} url
 */
export async function fetchFrameTimes(url) {
  return new Float64Array(await requestBytes(url));
}

/**
 * Return frame times for a video of which only the frame rate is known.
 * @param {number} duration Seconds.
 * @param {number} [rate] Frames per second.
 */
export function estimateFrameTimes(duration, rate = 25) {
  return Float64Array.from({ length: Math.max(1, Math.floor(duration * rate)) }, (_, number) => number / rate);
}

/**
 * Return the number of the frame that is shown at `seconds`.
 * @param {ArrayLike<number>} times The second at which each frame appears.
 * @param {number} seconds
 */
export function frameAt(times, seconds) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= seconds + 0.0004) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/**
 * Return how long the frame at `seconds` is shown, in seconds.
 * @param {ArrayLike<number>} times
 * @param {number} seconds
 */
export function frameLengthAt(times, seconds) {
  const number = Math.min(frameAt(times, seconds), times.length - 2);
  return number < 0 ? 0.04 : times[number + 1] - times[number];
}

/**
 * Return `m:ss.cc`, or `h:mm:ss.cc` from one hour on.
 * @param {number} seconds
 */
export function formatTime(seconds) {
  const hundredths = Math.floor(seconds * 100 + 0.5);
  const twoDigits = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const [minutes, second] = [Math.floor(hundredths / 6000), Math.floor(hundredths / 100) % 60];
  const tail = `${twoDigits(second)}.${twoDigits(hundredths % 100)}`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${tail}` : `${minutes}:${tail}`;
}

const RATE_TOLERANCE = 0.002; // of the rate: 23.976 counts as 24, 29.97 as 30

/**
 * Return the timecode hh:mm:ss:ff of a frame. Frames of a constant rate are counted at the nominal rate without drop
 * frames, as in the EDL export. For any other rate the frames within each second are counted.
 * @param {Float64Array} times The second at which each frame appears.
 * @param {number} number
 */
export function formatTimecode(times, number) {
  const rate = nominalRate(times);
  let [second, frame] = [Math.floor(number / rate), number % rate];
  if (!rate) {
    second = Math.floor(times[number] - times[0]);
    frame = number - times.findIndex((time) => time - times[0] >= second);
  }
  const parts = [second / 3600, (second / 60) % 60, second % 60, frame];
  return parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
}

/** @type {WeakMap<Float64Array, number>} */
const nominalRates = new WeakMap();

/**
 * Return the frames per second of a timecode, or 0 if frames are spaced unevenly or at no whole rate.
 * @param {Float64Array} times
 */
function nominalRate(times) {
  if (!nominalRates.has(times)) {
    const exact = (times.length - 1) / (times.at(-1) - times[0]);
    const whole = Math.round(exact);
    const isEven = times.every((time, number) => Math.abs((time - times[0]) * exact - number) < 0.75);
    nominalRates.set(times, whole > 0 && Math.abs(exact / whole - 1) < RATE_TOLERANCE && isEven ? whole : 0);
  }
  return nominalRates.get(times);
}
