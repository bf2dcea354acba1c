// The colours of the theme of now, as a canvas takes them.

const STRENGTHS = { low: 48, medium: 74, high: 100 };
const OPS = ["equal", "moved", "changed", "inserted", "deleted"];
const PATTERNS = {
  changed: [6, (pen) => lines(pen, [[-1, 1, 1, -1], [0, 6, 6, 0], [5, 7, 7, 5]], 2)],
  inserted: [6, (pen) => (pen.beginPath(), pen.arc(3, 3, 1.2, 0, 7), pen.fill())],
  deleted: [6, (pen) => lines(pen, [[0, 3, 6, 3]], 2)],
  moved: [8, (pen) => lines(pen, [[0, 0, 8, 8], [8, 0, 0, 8]], 1.2)],
};

let known = null;

/** {fills: {op: {low, medium, high}}, surface, onOp, patterns: {op: canvas}} */
export function palette() {
  known ??= read();
  return known;
}

/** Call `tell` when the theme changes. */
export function onTheme(tell) {
  const changed = () => {
    known = null;
    tell();
  };
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

function read() {
  const probe = document.body.appendChild(document.createElement("span"));
  probe.hidden = true;
  const value = (colour) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const colours = { fills: {}, patterns: {} };
  for (const op of OPS) {
    colours.fills[op] = Object.fromEntries(
      Object.entries(STRENGTHS).map(([name, share]) => [name, value(`color-mix(in oklab, var(--${op}) ${share}%, var(--surface))`)]),
    );
  }
  colours.surface = value("var(--surface)");
  colours.onOp = value("var(--on-op)");
  probe.remove();
  for (const [op, [size, draw]] of Object.entries(PATTERNS)) {
    const tile = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const pen = tile.getContext("2d");
    pen.fillStyle = pen.strokeStyle = colours.onOp;
    draw(pen);
    colours.patterns[op] = tile;
  }
  return colours;
}

function lines(pen, strokes, width) {
  pen.lineWidth = width;
  pen.beginPath();
  for (const [x0, y0, x1, y1] of strokes) {
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
  }
  pen.stroke();
}
