// The list of differences: going to one, and marking the one that is on screen.

export function wireDifferences(root, walk) {
  const list = root.querySelector("#differences");
  if (!list) return;
  const links = new Map([...list.querySelectorAll("a[data-index]")].map((link) => [Number(link.dataset.index), link]));
  const side = list.closest(".side");
  let current;

  list.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-index]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    walk.seek(walk.alignment.steps[Number(link.dataset.index)].begin);
  });

  walk.addEventListener("change", () => {
    const link = links.get(walk.place.step.index);
    if (link === current) return;
    current?.removeAttribute("aria-current");
    current = link;
    if (!link) return;
    link.setAttribute("aria-current", "true");
    if (side.scrollHeight > side.clientHeight) reveal(side, link); // only where the list scrolls by itself
  });
}

function reveal(side, link) {
  const [outer, inner] = [side.getBoundingClientRect(), link.getBoundingClientRect()];
  if (inner.top < outer.top) side.scrollTop += inner.top - outer.top - 8;
  else if (inner.bottom > outer.bottom) side.scrollTop += inner.bottom - outer.bottom + 8;
}
