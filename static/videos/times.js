// The real time of each frame, as the server measured it.
import { requestBytes } from "../sage/request.js";

/** Seconds of every frame from the first, as a Float64Array (little-endian in the file, as in every browser's machine). */
export async function frameTimes(url) {
  return new Float64Array(await requestBytes(url));
}

/** Times for a video of which only the rate is known. */
export function evenTimes(duration, rate = 25) {
  return Float64Array.from({ length: Math.max(1, Math.floor(duration * rate)) }, (_, number) => number / rate);
}

/** `m:ss.cc`, or `h:mm:ss.cc` past the hour. */
export function clock(seconds) {
  const hundredths = Math.floor(seconds * 100 + 0.5);
  const two = (number) => String(number).padStart(2, "0");
  const [minutes, second] = [Math.floor(hundredths / 6000), Math.floor(hundredths / 100) % 60];
  const tail = `${two(second)}.${two(hundredths % 100)}`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}` : `${minutes}:${tail}`;
}
