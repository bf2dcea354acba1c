// The list of differences: it follows the threshold, goes to one, and marks the one that is on screen. A page of it is
// shown at a time, the one on screen being on it.
import { Rows } from "./rows.js";
import { differences, percent } from "./words.js";

export function wireDifferences(root, walk, cut, data) {
  const list = root.querySelector("#differences");
  const rows = new Rows(root.querySelector("#difference-row"), list, data);
  const [before, after] = ["before", "after"].map((name) => root.querySelector(`#list-${name}`));
  const [similarity, count, none] = ["similarity", "differing", "no-differences"].map((id) => root.querySelector(`#${id}`));
  const side = list.closest(".side");
  const size = data.rows_a_page;
  let first = Number(list.getAttribute("start") || 1) - 1; // of the page, counted from 0
  let differing = differingOf(cut);
  let current;

  function differingOf({ shown }) {
    return shown.segments.filter((segment) => segment.op !== "equal");
  }

  function draw() {
    first = Math.max(0, Math.min(first, size * Math.floor((differing.length - 1) / size)));
    list.start = first + 1;
    list.replaceChildren(...differing.slice(first, first + size).map((segment) => rows.row(segment)));
    before.hidden = first === 0;
    after.hidden = first + size >= differing.length;
    none.hidden = differing.length > 0;
    current = null;
    mark();
  }

  function mark() {
    const { segment } = walk.place.step;
    const link = segment.op === "equal" ? null : list.querySelector(`a[data-index="${segment.index}"]`);
    if (link === current) return;
    current?.removeAttribute("aria-current");
    current = link;
    if (!link) return;
    link.setAttribute("aria-current", "true");
    if (side.scrollHeight > side.clientHeight && getComputedStyle(side).overflowY === "auto") reveal(side, link);
  }

  const turn = (by) => (event) => {
    event.preventDefault();
    first += by * size;
    draw();
    list.scrollIntoView({ block: "nearest" });
  };
  before.addEventListener("click", turn(-1));
  after.addEventListener("click", turn(1));

  list.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-index]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const segment = cut.shown.segments.findIndex(({ index }) => index === Number(link.dataset.index));
    walk.seek(walk.alignment.steps[segment].begin);
  });

  walk.addEventListener("change", () => {
    const { segment } = walk.place.step;
    if (segment.op !== "equal" && segment.index !== Number(current?.dataset.index)) {
      const place = differing.findIndex(({ index }) => index === segment.index);
      if (place >= 0 && (place < first || place >= first + size)) {
        first = size * Math.floor(place / size);
        draw();
        return;
      }
    }
    mark();
  });

  cut.addEventListener("change", () => {
    differing = differingOf(cut);
    draw();
  });
  cut.addEventListener("recolour", () => {
    similarity.textContent = `${percent(cut.told.similarity, cut.told.differing)} %`;
    count.textContent = differences(cut.told.differing);
  });
  mark();
}

function reveal(side, link) {
  const [outer, inner] = [side.getBoundingClientRect(), link.getBoundingClientRect()];
  if (inner.top < outer.top) side.scrollTop += inner.top - outer.top - 8;
  else if (inner.bottom > outer.bottom) side.scrollTop += inner.bottom - outer.bottom + 8;
}
