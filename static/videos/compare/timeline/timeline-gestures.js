// @ts-check
// Handle mouse, wheel and touch on the timeline: a click seeks, a drag pans a zoomed timeline and scrubs one that is not
// zoomed, a wheel or a pinch zooms.

const CLICK_PIXELS = 4; // a press that moves less is a click
const SCALE_PIXELS = 18; // height of the time scale, on which a drag always scrubs
const WHEEL_FACTOR = 0.0016; // of the zoom's exponent, for each pixel of the wheel

/** @typedef {{x: number, y: number, width: number}} Point In pixels of the plot, with its width. */

/**
 * Attach the gestures to the timeline's plot.
 * @param {HTMLElement} plot
 * @param {TimelineZoom} zoom
 * @param {object} actions
 * @param {(x: number, y: number) => void} actions.seek
 * @param {(x: number, y: number) => void} actions.hover
 * @param {() => void} actions.leave
 */
export function attachGestures(plot, zoom, { seek, hover, leave }) {
  /** @type {Map<number, Point>} */
  const pointers = new Map();
  /** @type {Point & {start: number, scrubs: boolean, moved: boolean}} */
  let press = null;

  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  const pointOf = (event) => {
    const box = plot.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width };
  };

  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    plot.setPointerCapture(event.pointerId);
    const point = pointOf(event);
    pointers.set(event.pointerId, point);
    leave();
    const scrubs = zoom.isAll || point.y < SCALE_PIXELS;
    press = pointers.size === 1 ? { ...point, start: zoom.start, scrubs, moved: false } : null;
    if (press?.scrubs) seek(point.x, point.y);
  });

  plot.addEventListener("pointermove", (event) => {
    const point = pointOf(event);
    if (!pointers.has(event.pointerId)) {
      if (event.pointerType === "mouse") hover(point.x, point.y);
      return;
    }
    if (pointers.size === 2) pinch(event.pointerId, point);
    pointers.set(event.pointerId, point);
    if (!press) return;
    if (press.scrubs) seek(point.x, press.y);
    else if (press.moved || Math.abs(point.x - press.x) > CLICK_PIXELS) {
      press.moved = true;
      zoom.pan(press.start - ((point.x - press.x) / point.width) * zoom.length - zoom.start);
    }
  });

  /**
   * Zoom while two pointers move. The seconds under the pointers stay under them.
   * @param {number} id
   * @param {Point} point
   */
  function pinch(id, point) {
    const other = [...pointers].find(([pointer]) => pointer !== id)[1];
    const before = Math.abs(pointers.get(id).x - other.x);
    const now = Math.abs(point.x - other.x);
    if (before > 10 && now > 10) zoom.scale(before / now, other.x / point.width);
  }

  /** @param {PointerEvent} event */
  const release = (event) => {
    const isClick = pointers.delete(event.pointerId) && press && !press.scrubs && !press.moved;
    if (isClick && event.type === "pointerup") seek(press.x, press.y);
    press = null;
  };
  plot.addEventListener("pointerup", release);
  plot.addEventListener("pointercancel", release);
  plot.addEventListener("pointerleave", leave);
  plot.addEventListener("dragstart", (event) => event.preventDefault());

  plot.addEventListener(
    "wheel",
    (event) => {
      const point = pointOf(event);
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (zoom.isAll && (isSideways || event.deltaY > 0)) return; // the page may scroll
      event.preventDefault();
      if (isSideways) zoom.pan((((event.deltaX || event.deltaY) * unit) / point.width) * zoom.length);
      else zoom.scale(Math.exp(event.deltaY * unit * WHEEL_FACTOR * (event.ctrlKey ? 4 : 1)), point.x / point.width);
    },
    { passive: false },
  );
}
