// @ts-check
// Read the colours and patterns of the current theme for drawing on a canvas.

/**
 * @typedef {object} Palette
 * @property {Record<Op, Record<"low" | "medium" | "high", string>>} fills
 * @property {Record<string, HTMLCanvasElement>} patterns By op.
 * @property {string} surface
 * @property {string} onOp The colour of letters on the fills.
 */

/** @type {Record<"low" | "medium" | "high", number>} */
const STRENGTHS = { low: 48, medium: 74, high: 100 }; // percent of the op's colour
const OPS = /** @type {const} */ (["equal", "moved", "changed", "inserted", "deleted"]);

/** @typedef {{size: number, draw: (context: CanvasRenderingContext2D) => void}} Pattern Size in pixels. */
/** @type {Record<string, Pattern>} */
const PATTERNS = {
  changed: { size: 6, draw: (context) => strokeLines(context, ["-1 1 1 -1", "0 6 6 0", "5 7 7 5"], 2) },
  inserted: { size: 6, draw: fillDot },
  deleted: { size: 6, draw: (context) => strokeLines(context, ["0 3 6 3"], 2) },
  moved: { size: 8, draw: (context) => strokeLines(context, ["0 0 8 8", "8 0 0 8"], 1.2) },
};

/** @type {Palette | null} */
let palette = null;

/** Return the palette of the current theme. */
export function getPalette() {
  palette ??= readPalette();
  return palette;
}

/**
 * Call `callback` when the theme changes.
 * @param {() => void} callback
 */
export function onThemeChange(callback) {
  const handleChange = () => {
    palette = null;
    callback();
  };
  new MutationObserver(handleChange).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", handleChange);
}

/** @returns {Palette} */
function readPalette() {
  const probe = document.body.appendChild(document.createElement("span"));
  probe.hidden = true;
  /** @param {string} colour */
  const compute = (colour) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const fills = /** @type {Palette["fills"]} */ ({});
  for (const op of OPS) {
    /** @param {number} strength */
    const mix = (strength) => compute(`color-mix(in oklab, var(--${op}) ${strength}%, var(--surface))`);
    fills[op] = { low: mix(STRENGTHS.low), medium: mix(STRENGTHS.medium), high: mix(STRENGTHS.high) };
  }
  const surface = compute("var(--surface)");
  const onOp = compute("var(--on-op)");
  probe.remove();
  /** @type {Palette["patterns"]} */
  const patterns = {};
  for (const [op, { size, draw }] of Object.entries(PATTERNS)) {
    const tile = document.createElement("canvas");
    Object.assign(tile, { width: size, height: size });
    const context = tile.getContext("2d");
    context.fillStyle = onOp;
    context.strokeStyle = onOp;
    draw(context);
    patterns[op] = tile;
  }
  return { fills, patterns, surface, onOp };
}

/** @param {CanvasRenderingContext2D} context */
function fillDot(context) {
  context.beginPath();
  context.arc(3, 3, 1.2, 0, 7);
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string[]} lines Each as "x0 y0 x1 y1".
 * @param {number} width
 */
function strokeLines(context, lines, width) {
  context.lineWidth = width;
  context.beginPath();
  for (const line of lines) {
    const [x0, y0, x1, y1] = line.split(" ").map(Number);
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  }
  context.stroke();
}
