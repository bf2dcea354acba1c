// A difference in words, as videos/diff/words.py tells it.
import { clock } from "./times.js";

export const LETTERS = { equal: "", changed: "C", inserted: "I", deleted: "D", moved: "M" };
const REPLACED = 1;
const WHOLE = 0.85;
const ALMOST = 99.9;

export function title(segment) {
  const b = length(segment.b);
  if (segment.op === "inserted") return `Inserted, ${seconds(b)}`;
  if (segment.op === "deleted") return `Deleted, ${seconds(length(segment.a))}`;
  if (segment.op === "moved") return `Moved${segment.regions.length ? " and changed" : ""}, ${seconds(b)}`;
  if (segment.op === "changed") return `${changedWhere(segment)}, ${seconds(b)}`;
  return `Equal, ${seconds(b)}`;
}

export function times(segment) {
  if (segment.op === "inserted") return `${between(segment.b)} in B`;
  if (segment.op === "deleted") return `${between(segment.a)} in A`;
  if (segment.op === "moved") return `${between(segment.a)} in A, now at ${clock(segment.b[0])} in B`;
  return `${between(segment.a)} in A\u00a0· ${between(segment.b)} in B`;
}

export function between([start, end]) {
  return `${clock(start)} – ${clock(end)}`;
}

export function differences(count) {
  return count === 0 ? "no difference" : `${count} difference${count === 1 ? "" : "s"}`;
}

/** How much is the same, in tenths; never all of it while something differs. */
export function percent(similarity, differing) {
  return (Math.floor((differing ? Math.min(similarity, ALMOST) : similarity) * 10 + 0.5) / 10).toFixed(1);
}

function seconds(length) {
  return length >= 0.95 ? `${(Math.floor(length * 10 + 0.5) / 10).toFixed(1)} s` : `${(Math.floor(length * 100 + 0.5) / 100).toFixed(2)} s`;
}

function length(interval) {
  return interval ? interval[1] - interval[0] : 0;
}

function changedWhere({ regions, distance }) {
  if (distance === REPLACED) return "Replaced";
  if (!regions.length) return "Changed";
  const area = (region) => region.width * region.height;
  if (area(regions[0]) > WHOLE) return "Whole picture changed";
  const box = regions.reduce((largest, region) => (area(region) > area(largest) ? region : largest));
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const row = y < 0.36 ? "top" : y > 0.64 ? "bottom" : "";
  const column = x < 0.36 ? "left" : x > 0.64 ? "right" : "";
  const more = regions.length > 1 ? ` and ${regions.length - 1} more` : "";
  return `Changed, ${[row, column].filter(Boolean).join(" ") || "centre"}${more}`;
}
