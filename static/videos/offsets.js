// Each side may be moved by whole frames against what the alignment says.

export function wireOffsets(root, walk) {
  const box = root.querySelector("#offsets");
  const reset = box.querySelector("[data-do=reset-offsets]");

  const draw = () => {
    for (const name of ["a", "b"]) {
      const { nudge } = walk.sides[name];
      box.querySelector(`[data-offset=${name}]`).textContent = `${nudge > 0 ? "+" : nudge < 0 ? "−" : ""}${Math.abs(nudge)} f`;
    }
    reset.hidden = walk.sides.a.nudge === 0 && walk.sides.b.nudge === 0;
  };
  const nudge = (name, by) => {
    walk.sides[name].nudge += by;
    walk.seek(walk.place.walk);
    draw();
  };

  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do=nudge]");
    if (button) nudge(button.dataset.side, Number(button.dataset.by));
  });
  reset.addEventListener("click", () => {
    for (const name of ["a", "b"]) walk.sides[name].nudge = 0;
    walk.seek(walk.place.walk);
    draw();
  });
  return nudge;
}
