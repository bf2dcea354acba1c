// The timeline under the players: lanes that follow threshold and zoom, the playhead through both, and going where it is
// pointed at or pressed.
import { CanvasBars } from "./bars-canvas.js";
import { SvgBars } from "./bars-svg.js";
import { Minimap } from "./minimap.js";
import { Peek } from "./peek.js";
import { wireHand } from "./hand.js";
import { Ticks } from "./ticks.js";
import { differences } from "./words.js";

const LANES_MEET = 66; // pixels from the top; nearer to lane A above, to lane B below
const MOST_ELEMENTS = 150; // segments; with more the bars are on a canvas, for elements of their own zoom slowly

export function wireTimeline(root, walk, cut, zoom, data) {
  const box = root.querySelector("#timeline");
  const field = box.querySelector("#field");
  const lines = field.querySelector(".lines");
  const playhead = root.querySelector("#playhead");
  const [upper, slope, lower] = playhead.querySelectorAll("line");
  const knob = playhead.querySelector("circle");
  const ticks = new Ticks(box.querySelector(".ticks"));
  const all = box.querySelector("[data-do=zoom-all]");
  const minimap = new Minimap(box.querySelector("#minimap"), cut, zoom);
  const peek = new Peek(box.querySelector("#peek"), data);
  let width = field.clientWidth;
  let waiting = 0;

  const redraw = () => (waiting ||= requestAnimationFrame(draw));
  const bars = cut.script.segments.length > MOST_ELEMENTS ? new CanvasBars(field, cut, zoom, redraw) : new SvgBars(field, cut, zoom);
  let marked = null;

  function draw() {
    waiting = 0;
    const { step } = walk.place;
    if (step !== marked) bars.mark(step.segment.index, walk.alignment.steps[step.index + 1]?.segment.index ?? Infinity);
    marked = step;
    bars.draw(width);
    ticks.draw(zoom, width);
    minimap.draw();
    all.hidden = zoom.isAll;
    drawPlayhead();
  }

  function drawPlayhead() {
    const { place } = walk;
    const [a, b] = [`${100 * zoom.share(place.a)}%`, `${100 * zoom.share(place.b)}%`];
    set(upper, { x1: a, x2: a });
    set(slope, { x1: a, x2: b });
    set(lower, { x1: b, x2: b });
    set(knob, { cx: a });
  }

  /** Where both sides are at a point of the field. */
  const placeAt = (x, y) => {
    const seconds = zoom.at(Math.min(Math.max(x / width, 0), 1));
    const { alignment } = walk;
    return alignment.place(alignment.fromSide(y < LANES_MEET ? "a" : "b", seconds));
  };

  wireHand(field, zoom, {
    seek: (x, y) => walk.seek(placeAt(x, y).walk),
    hover: (x, y) => peek.show(placeAt(x, y), x + field.offsetLeft, box.clientWidth),
    leave: () => peek.hide(),
  });
  // The bars are links, for a new tab and for the keyboard; pointing at one has gone there already.
  field.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const bar = event.detail === 0 && event.target.closest("a");
    if (bar) walk.seek(walk.alignment.fromSide(bar.dataset.side, cut.script.segments[bar.dataset.index][bar.dataset.side][0]));
  });

  walk.addEventListener("change", () => {
    const { place } = walk;
    zoom.reveal(place[place.step.lead]);
    if (place.step !== marked) redraw();
    else drawPlayhead();
  });
  zoom.addEventListener("change", () => {
    peek.hide();
    redraw();
  });
  cut.addEventListener("recolour", () => {
    lines.setAttribute("aria-label", `Timeline, ${differences(cut.told.differing)}`);
    bars.recolour();
    redraw();
  });
  new ResizeObserver(() => {
    width = field.clientWidth;
    redraw();
  }).observe(field);
  playhead.removeAttribute("visibility");
  draw();
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}
