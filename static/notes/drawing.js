// @ts-check
// Draw over the picture, and show the drawing of the current note. Points are shares of the picture's width and height.
import { requestJson, retryRequest } from "../sage/request.js";
import { showToast } from "../sage/toast.js";

/** @typedef {{tool: string, color: string, points: number[][]}} Shape */
/** @typedef {{shapes: Shape[]}} Drawing */

const SVG = "http://www.w3.org/2000/svg";
const MAX_POINTS = 20000; // of a drawing; the server refuses more
const MAX_SHAPES = 200;
const MIN_STEP = 0.002; // the distance of two points of a pen, as a share of the picture
const MIN_LENGTH = 0.005; // of an arrow or a box
const HEAD_PIXELS = 14; // the length of an arrow's head
const SHOWN_SECONDS = 2; // how long the drawing of a note without an end is shown while the video plays

/** @type {HTMLElement | null} */
const screen = document.querySelector("#player .screen");
/** @type {Map<string, Promise<Drawing>>} */
const drawings = new Map();
/** @type {SVGSVGElement | null} */
let layer = null;
/** @type {Shape[]} */
let shownShapes = [];
let shownUrl = "";
let time = 0;
/** The drawing of the note that is being written. @type {Drawing | null} */
let pendingDrawing = null;
/** Whether the user draws. */
let isDrawing = false;

/** Return where the picture is within the screen, in pixels. A YouTube video is taken to fill it. */
function measurePicture() {
  const width = screen.clientWidth;
  const height = screen.clientHeight;
  const { videoWidth = 0, videoHeight = 0 } = screen.querySelector("video") ?? {};
  const scale = videoWidth ? Math.min(width / videoWidth, height / videoHeight) : 0;
  const size = scale ? [videoWidth * scale, videoHeight * scale] : [width, height];
  return { x: (width - size[0]) / 2, y: (height - size[1]) / 2, width: size[0], height: size[1] };
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function buildSvg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/**
 * @param {Shape} shape
 * @param {number} width Of the picture in pixels.
 * @param {number} height
 */
function buildShape({ tool, color, points }, width, height) {
  const [first, ...rest] = points.map(([x, y]) => [x * width, y * height]);
  const last = rest.at(-1) ?? first;
  const shape = { class: "shape", "data-color": color };
  if (tool === "box") {
    const [x, y] = [Math.min(first[0], last[0]), Math.min(first[1], last[1])];
    return buildSvg("rect", {
      ...shape,
      x,
      y,
      width: Math.abs(last[0] - first[0]),
      height: Math.abs(last[1] - first[1]),
    });
  }
  let path = `M${first}${rest.length ? rest.map((point) => `L${point}`).join("") : `L${first}`}`;
  if (tool === "arrow") {
    const angle = Math.atan2(last[1] - first[1], last[0] - first[0]);
    const [left, right] = [angle + 2.6, angle - 2.6].map((turn) => [
      last[0] + HEAD_PIXELS * Math.cos(turn),
      last[1] + HEAD_PIXELS * Math.sin(turn),
    ]);
    path += `M${left}L${last}L${right}`;
  }
  return buildSvg("path", { ...shape, d: path });
}

/** Draw the shapes at the size of the picture. */
function render() {
  if (!shownShapes.length && !isDrawing) {
    layer?.remove();
    layer = null;
    return;
  }
  layer ??= /** @type {SVGSVGElement} */ (buildSvg("svg", { class: "drawing", role: "img", "aria-label": "Drawing" }));
  if (!layer.isConnected) screen.append(layer);
  const { x, y, width, height } = measurePicture();
  Object.assign(layer.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
  layer.setAttribute("viewBox", `0 0 ${width} ${height}`);
  layer.classList.toggle("editing", isDrawing);
  layer.replaceChildren(...shownShapes.map((shape) => buildShape(shape, width, height)));
}

// --- Show ---

/**
 * @param {string} url
 * @returns {Promise<Drawing>}
 */
function fetchDrawing(url) {
  if (!drawings.has(url)) {
    const drawing = retryRequest(() => requestJson(url));
    drawing.catch(() => drawings.delete(url));
    drawings.set(url, drawing);
  }
  return drawings.get(url);
}

/** Return the address of the drawing to show now, or an empty string. */
function findCurrent() {
  const note = document.querySelector(".note[aria-current]");
  const url = note?.querySelector("[data-drawing]")?.dataset.drawing;
  if (!url) return "";
  const end = Number(note.dataset.end) || Number(note.dataset.start) + SHOWN_SECONDS;
  return time <= end ? url : "";
}

function showCurrent() {
  if (isDrawing) return;
  const url = findCurrent();
  if (url === shownUrl) return;
  shownUrl = url;
  shownShapes = [];
  render();
  if (!url) return;
  fetchDrawing(url).then(
    ({ shapes }) => {
      if (shownUrl !== url || isDrawing) return;
      shownShapes = shapes;
      render();
    },
    () => {}, // the next time that the note is current, it is tried again
  );
}

// --- Draw ---

/**
 * Let the user draw. `save` gets the drawing.
 * @param {(drawing: Drawing) => Promise<void>} save
 * @param {Shape[]} shapes What is drawn already.
 * @param {HTMLElement} opener It gets the focus back.
 */
function openEditor(save, shapes, opener) {
  if (isDrawing) return;
  document.dispatchEvent(new CustomEvent("sage:pause"));
  isDrawing = true;
  shownShapes = [...shapes];
  render();
  /** @type {HTMLTemplateElement} */
  const template = document.getElementById("draw-tools");
  const tools = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
  screen.after(tools);
  const choice = {
    tool: "arrow",
    color: /** @type {HTMLElement} */ (tools.querySelector("[data-color]")).dataset.color,
  };

  const close = () => {
    isDrawing = false;
    shownShapes = [];
    shownUrl = "";
    tools.remove();
    render();
    showCurrent();
    opener.focus();
  };
  const finish = async () => {
    if (!shownShapes.length) {
      showToast("Draw something first, or cancel.");
      return;
    }
    await save({ shapes: shownShapes });
    close();
  };
  tools.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (!button) return;
    for (const name of /** @type {("tool" | "color")[]} */ (["tool", "color"])) {
      if (!(name in button.dataset)) continue;
      choice[name] = button.dataset[name];
      for (const one of tools.querySelectorAll(`[data-${name}]`))
        one.setAttribute("aria-pressed", String(one === button));
    }
    if ("undo" in button.dataset) {
      shownShapes.pop();
      render();
    } else if ("cancel" in button.dataset) close();
    else if ("save" in button.dataset) finish().catch((error) => showToast(error.message));
  });
  tools.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  listenToPointer(choice);
  tools.querySelector("button").focus();
}

/** @param {{tool: string, color: string}} choice */
function listenToPointer(choice) {
  const svg = layer;
  /** @type {Shape | null} */
  let shape = null;
  /** @param {PointerEvent} event */
  const locate = (event) => {
    const box = svg.getBoundingClientRect();
    const clamp = (/** @type {number} */ value) => Math.round(10000 * Math.min(Math.max(value, 0), 1)) / 10000;
    return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
  };
  /** @param {number[]} point */
  const distance = (point) => Math.hypot(point[0] - shape.points.at(-1)[0], point[1] - shape.points.at(-1)[1]);
  svg.onpointerdown = (event) => {
    if (!isDrawing || event.button !== 0 || shownShapes.length >= MAX_SHAPES) return;
    svg.setPointerCapture(event.pointerId);
    shape = { ...choice, points: [locate(event)] };
    shownShapes.push(shape);
  };
  svg.onpointermove = (event) => {
    if (!shape) return;
    const point = locate(event);
    if (shape.tool !== "pen") shape.points[1] = point;
    else if (distance(point) >= MIN_STEP && countPoints() < MAX_POINTS) shape.points.push(point);
    render();
  };
  svg.onpointerup = () => {
    const [first, last] = shape?.points ?? [];
    const isShort = !last || Math.hypot(last[0] - first[0], last[1] - first[1]) < MIN_LENGTH;
    if (shape && shape.tool !== "pen" && isShort) shownShapes.pop();
    shape = null;
    render();
  };
}

function countPoints() {
  return shownShapes.reduce((count, { points }) => count + points.length, 0);
}

/** Return the drawing of the note that is being written, once. */
export function takePendingDrawing() {
  const drawing = pendingDrawing;
  setPendingDrawing(null);
  return drawing;
}

/** @param {Drawing | null} drawing */
function setPendingDrawing(drawing) {
  pendingDrawing = drawing;
  document.querySelector("[data-draw='']")?.setAttribute("aria-pressed", String(drawing !== null));
}

/** @param {HTMLElement} button */
async function draw(button) {
  const { draw: url, at } = button.dataset;
  if (!url) {
    openEditor(async (drawing) => setPendingDrawing(drawing), pendingDrawing?.shapes ?? [], button);
    return;
  }
  document.dispatchEvent(new CustomEvent("sage:seek", { detail: { time: Number(at) } }));
  const old = button.closest(".note").querySelector("[data-drawing]")?.dataset.drawing;
  const { shapes } = old ? await fetchDrawing(old) : { shapes: [] };
  const save = async (/** @type {Drawing} */ drawing) => {
    await requestJson(url, { method: "POST", body: { kind: "drawing", drawing } });
    document.getElementById("notes-list").dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
  };
  openEditor(save, shapes, button);
}

if (screen) {
  document.getElementById("notes").addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const button = target.closest("button[data-draw]");
    if (button) draw(button).catch((error) => showToast(error.message));
    const shown = target.closest("button[data-drawing]");
    if (shown) shown.closest(".note").querySelector("a[data-seconds]").click();
  });
  document.addEventListener("sage:time", (event) => {
    time = /** @type {CustomEvent} */ (event).detail.time;
    showCurrent();
  });
  document.addEventListener("sage:refreshed", showCurrent);
  new ResizeObserver(render).observe(screen);
}
