// @ts-check
// Set up the timeline under the players: lanes that follow the threshold and the zoom, a playhead, and seeking.
import { MAX_BARS } from "../script/constants.js";
import { differences } from "../wording.js";
import { TimelineMinimap } from "./minimap.js";
import { CanvasTimeline } from "./timeline-canvas.js";
import { attachGestures } from "./timeline-gestures.js";
import { SvgTimeline } from "./timeline-svg.js";
import { TimelineTicks } from "./timeline-ticks.js";
import { TimelineTooltip } from "./timeline-tooltip.js";

const LANE_BORDER = 66; // pixels from the top; above it the pointer is on lane A, below it on lane B

/**
 * @param {HTMLElement} root
 * @param {SyncPlayback} playback
 * @param {ScriptState} state
 * @param {TimelineZoom} zoom
 * @param {any} data The page's data.
 */
export function setUpTimeline(root, playback, state, zoom, data) {
  const box = root.querySelector("#timeline");
  const plot = box.querySelector("#timeline-plot");
  const lanes = plot.querySelector(".lines");
  /** @type {SVGSVGElement} */
  const marks = plot.querySelector(".marks");
  const playhead = root.querySelector("#playhead");
  const [upper, slope, lower] = playhead.querySelectorAll("line");
  const knob = playhead.querySelector("circle");
  const ticks = new TimelineTicks(box.querySelector(".ticks"));
  const zoomAllButton = box.querySelector("[data-do=zoom-all]");
  const minimap = new TimelineMinimap(box.querySelector("#minimap"), state, zoom);
  const tooltip = new TimelineTooltip(box.querySelector("#timeline-tooltip"), data);
  let width = plot.clientWidth;
  let frame = 0;

  const redraw = () => {
    if (!frame) frame = requestAnimationFrame(draw);
  };
  const isLong = state.script.segments.length > MAX_BARS; // more are drawn on a canvas, because many elements zoom slowly
  const bars = isLong ? new CanvasTimeline(plot, state, zoom, redraw) : new SvgTimeline(plot, state, zoom);
  /** @type {Step | null} */
  let markedStep = null;

  function draw() {
    frame = 0;
    const { step } = playback.position;
    if (step !== markedStep) {
      const next = playback.alignment.steps[step.index + 1];
      bars.mark(step.segment.index, next?.segment.index ?? Infinity);
    }
    markedStep = step;
    bars.draw(width);
    const scale = zoom.duration / zoom.length;
    setAttributes(marks, { x: `${-100 * scale * (zoom.start / zoom.duration)}%`, width: `${100 * scale}%` });
    ticks.draw(zoom, width);
    minimap.draw();
    zoomAllButton.hidden = zoom.isAll;
    drawPlayhead();
  }

  function drawPlayhead() {
    const { position } = playback;
    const [a, b] = [`${100 * zoom.shareOf(position.a)}%`, `${100 * zoom.shareOf(position.b)}%`];
    setAttributes(upper, { x1: a, x2: a });
    setAttributes(slope, { x1: a, x2: b });
    setAttributes(lower, { x1: b, x2: b });
    setAttributes(knob, { cx: a });
  }

  /**
   * Return where both sides are at a point of the plot.
   * @param {number} x
   * @param {number} y
   */
  const positionAt = (x, y) => {
    const seconds = zoom.secondsAt(Math.min(Math.max(x / width, 0), 1));
    const { alignment } = playback;
    return alignment.positionAt(alignment.timeFromSide(y < LANE_BORDER ? "a" : "b", seconds));
  };

  attachGestures(plot, zoom, {
    seek: (x, y) => playback.seek(positionAt(x, y).time),
    hover: (x, y) => tooltip.show(positionAt(x, y), x + plot.offsetLeft, box.clientWidth),
    leave: () => tooltip.hide(),
  });
  // Bars are links, for new tabs and for the keyboard. The gestures have already handled a click with the pointer.
  plot.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const link = event.detail === 0 && /** @type {Element} */ (event.target).closest("a");
    if (!link) return;
    const side = /** @type {Side} */ (link.dataset.side);
    const segment = state.script.segments[Number(link.dataset.index)];
    playback.seek(playback.alignment.timeFromSide(side, segment[side][0]));
  });

  playback.addEventListener("change", () => {
    const { position } = playback;
    zoom.reveal(position[position.step.lead]);
    if (position.step !== markedStep) redraw();
    else drawPlayhead();
  });
  zoom.addEventListener("change", () => {
    tooltip.hide();
    redraw();
  });
  state.addEventListener("recolour", () => {
    lanes.setAttribute("aria-label", `Timeline, ${differences(state.classification.differing)}`);
    bars.recolour();
    redraw();
  });
  new ResizeObserver(() => {
    width = plot.clientWidth;
    redraw();
  }).observe(plot);
  playhead.removeAttribute("visibility");
  draw();
}

/**
 * @param {Element} element
 * @param {Record<string, string>} attributes
 */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}
