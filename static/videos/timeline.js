// The timeline under the players: the playhead through both lanes, and going where it is pointed at or pressed.

const LANES_MEET = 66; // pixels from the top; nearer to lane A above, to lane B below

export function wireTimeline(root, walk, span) {
  const drawing = root.querySelector(".lines");
  const playhead = root.querySelector("#playhead");
  const [upper, slope, lower] = playhead.querySelectorAll("line");
  const knob = playhead.querySelector("circle");
  const marked = new Map();
  for (const element of root.querySelectorAll("#timeline [data-index]")) {
    const index = Number(element.dataset.index);
    marked.set(index, [...(marked.get(index) ?? []), element]);
  }
  let current = -1;

  const draw = () => {
    const { place } = walk;
    const [a, b] = [`${(100 * place.a) / span}%`, `${(100 * place.b) / span}%`];
    set(upper, { x1: a, x2: a });
    set(slope, { x1: a, x2: b });
    set(lower, { x1: b, x2: b });
    set(knob, { cx: a });
    if (place.step.index === current) return;
    for (const element of marked.get(current) ?? []) element.classList.remove("current");
    current = place.step.index;
    for (const element of marked.get(current) ?? []) element.classList.add("current");
  };

  const point = (event) => {
    const box = drawing.getBoundingClientRect();
    const seconds = (span * Math.min(Math.max(event.clientX - box.left, 0), box.width)) / box.width;
    walk.seek(walk.alignment.fromSide(event.clientY - box.top < LANES_MEET ? "a" : "b", seconds));
  };

  drawing.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    drawing.setPointerCapture(event.pointerId);
    point(event);
  });
  drawing.addEventListener("pointermove", (event) => drawing.hasPointerCapture(event.pointerId) && point(event));
  drawing.addEventListener("dragstart", (event) => event.preventDefault());
  // The bars are links, for a new tab and for the keyboard; pointing at one has gone there already.
  drawing.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const bar = event.detail === 0 && event.target.closest("a");
    if (bar) walk.seek(walk.alignment.steps[Number(bar.dataset.index)].begin);
  });

  walk.addEventListener("change", draw);
  playhead.removeAttribute("visibility");
  draw();
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}
