// What a mouse, a wheel or fingers do to the timeline: a click seeks, a drag pans what is zoomed and scrubs what is not,
// a wheel or a pinch zooms.

const STILL_PIXELS = 4; // a press that moves less is a click
const SCALE_ABOVE = 18; // pixels from the top: here a drag always scrubs
const WHEEL = 0.0016;

export function wireHand(field, zoom, { seek, hover, leave }) {
  const fingers = new Map();
  let press = null;
  const at = (event) => {
    const box = field.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width };
  };

  field.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    field.setPointerCapture(event.pointerId);
    const here = at(event);
    fingers.set(event.pointerId, here);
    leave();
    press = fingers.size === 1 ? { ...here, start: zoom.start, scrubs: zoom.isAll || here.y < SCALE_ABOVE, moved: false } : null;
    if (press?.scrubs) seek(here.x, here.y);
  });

  field.addEventListener("pointermove", (event) => {
    const here = at(event);
    if (!fingers.has(event.pointerId)) {
      if (event.pointerType === "mouse") hover(here.x, here.y);
      return;
    }
    if (fingers.size === 2) pinch(event.pointerId, here);
    fingers.set(event.pointerId, here);
    if (!press) return;
    if (press.scrubs) seek(here.x, press.y);
    else if (press.moved || Math.abs(here.x - press.x) > STILL_PIXELS) {
      press.moved = true;
      zoom.pan(press.start - ((here.x - press.x) / here.width) * zoom.length - zoom.start);
    }
  });

  /** The two seconds that were under the fingers stay under them. */
  function pinch(id, here) {
    const other = [...fingers].find(([name]) => name !== id)[1];
    const before = fingers.get(id);
    const [was, is] = [Math.abs(before.x - other.x), Math.abs(here.x - other.x)];
    if (was > 10 && is > 10) zoom.by(was / is, other.x / here.width);
  }

  const release = (event) => {
    if (fingers.delete(event.pointerId) && press && !press.scrubs && !press.moved && event.type === "pointerup") seek(press.x, press.y);
    press = null;
  };
  field.addEventListener("pointerup", release);
  field.addEventListener("pointercancel", release);
  field.addEventListener("pointerleave", leave);
  field.addEventListener("dragstart", (event) => event.preventDefault());

  field.addEventListener(
    "wheel",
    (event) => {
      const here = at(event);
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (zoom.isAll && (sideways || event.deltaY > 0)) return; // nothing to do here, so the page may scroll
      event.preventDefault();
      if (sideways) zoom.pan((((event.deltaX || event.deltaY) * unit) / here.width) * zoom.length);
      else zoom.by(Math.exp(event.deltaY * unit * WHEEL * (event.ctrlKey ? 4 : 1)), here.x / here.width);
    },
    { passive: false },
  );
}
