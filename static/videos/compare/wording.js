// @ts-check
// Describe segments in words. videos/diff/script/wording.py holds the same words; a browser test keeps the two equal.
import { formatTime } from "../player/frame-times.js";
import {
  FRAME_VERBS,
  KIND_TITLES,
  MAX_DIFFERING_PERCENT,
  MIDDLE_FROM,
  MIDDLE_TO,
  REPLACED_DISTANCE,
  SHOT_FROM_SECONDS,
  WHOLE_PICTURE_AREA,
} from "./script/constants.js";

/**
 * Return what happened in a segment, where in the picture, and how long the segment lasts.
 * @param {Segment} segment
 */
export function title(segment) {
  const [a, b] = [length(segment.a), length(segment.b)];
  const { frames: count } = segment;
  if (count) {
    const verb =
      segment.kind === "doubled_frames" ? "doubled" : FRAME_VERBS[/** @type {keyof typeof FRAME_VERBS} */ (segment.op)];
    return `${count} frame${count > 1 ? "s" : ""} ${verb}, ${seconds(Math.max(a, b))}`;
  }
  const noun = Math.max(a, b) < SHOT_FROM_SECONDS ? "frames" : "shot";
  if (segment.op === "inserted") return `New ${noun}, ${seconds(b)}`;
  if (segment.op === "deleted") return `Removed ${noun}, ${seconds(a)}`;
  if (segment.op === "moved") return `Moved${segment.regions.length ? " and changed" : ""} ${noun}, ${seconds(b)}`;
  if (segment.op === "changed") return `${changedWhere(segment)}, ${seconds(b)}`;
  return `Same, ${seconds(b)}`;
}

/**
 * Return the place of a segment on both sides.
 * @param {Segment} segment
 */
export function times(segment) {
  if (segment.op === "inserted") return `${between(segment.b)} in B, ${after(segment.follows, "A")}`;
  if (segment.op === "deleted") return `${between(segment.a)} in A, ${after(segment.follows, "B")}`;
  if (segment.op === "moved") return `${between(segment.a)} in A, now at ${formatTime(segment.b[0])} in B`;
  return `${between(segment.a)} in A\u00a0· ${between(segment.b)} in B`;
}

/**
 * Return what to show in place of the picture of the side that has no part in a segment.
 * @param {Segment} segment
 * @param {Side} side
 */
export function absence({ alsoAt }, side) {
  const letter = side.toUpperCase();
  return typeof alsoAt === "number" ? `In ${letter} at ${formatTime(alsoAt)}` : `Not in ${letter}`;
}

/**
 * @param {number} at
 * @param {string} letter
 */
function after(at, letter) {
  return at > 0 ? `after ${formatTime(at)} in ${letter}` : `before the start of ${letter}`;
}

/** @param {Interval} interval */
export function between([start, end]) {
  return `${formatTime(start)} – ${formatTime(end)}`;
}

/** @param {number} count */
export function differences(count) {
  return count === 0 ? "no differences" : `${count} difference${count === 1 ? "" : "s"}`;
}

/**
 * Return the similarity in percent with one digit; it is below 100 while there are differences.
 * @param {number} similarity
 * @param {number} differing
 */
export function percent(similarity, differing) {
  return (Math.floor((differing ? Math.min(similarity, MAX_DIFFERING_PERCENT) : similarity) * 10 + 0.5) / 10).toFixed(
    1,
  );
}

/** @param {number} length */
function seconds(length) {
  return length >= 0.95
    ? `${(Math.floor(length * 10 + 0.5) / 10).toFixed(1)} s`
    : `${(Math.floor(length * 100 + 0.5) / 100).toFixed(2)} s`;
}

/** @param {Interval | null} interval */
function length(interval) {
  return interval ? interval[1] - interval[0] : 0;
}

/** @param {Segment} segment */
function changedWhere({ regions, distance, kind, texts }) {
  if (kind === "text_changed" && texts) return `Text changed, “${texts[0]}” → “${texts[1]}”`;
  const changed = KIND_TITLES[/** @type {keyof typeof KIND_TITLES} */ (kind)] ?? "Changed";
  if (distance === REPLACED_DISTANCE) return "Replaced shot";
  if (!regions.length) return changed;
  const area = (/** @type {Box} */ region) => region.width * region.height;
  if (area(regions[0]) > WHOLE_PICTURE_AREA) return changed === "Changed" ? "Changed, whole picture" : changed;
  const box = regions.reduce((largest, region) => (area(region) > area(largest) ? region : largest));
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const row = y < MIDDLE_FROM ? "top" : y > MIDDLE_TO ? "bottom" : "";
  const column = x < MIDDLE_FROM ? "left" : x > MIDDLE_TO ? "right" : "";
  const others = regions.length - 1;
  const more = others ? ` and ${others} more area${others > 1 ? "s" : ""}` : "";
  return `${changed}, ${[row, column].filter(Boolean).join(" ") || "centre"}${more}`;
}
