// The address holds the moment, the view and the threshold, so that a link or a reload comes back to them: `t` seconds of
// B, or of A with `side=a`; `view`; `threshold` where it is not the one that is kept.

export function wireAddress(walk, views, cut) {
  let waiting;
  const soon = () => {
    if (walk.playing) return;
    clearTimeout(waiting);
    waiting = setTimeout(write, 200);
  };
  const write = () => {
    const { place } = walk;
    const { lead } = place.step;
    const address = new URL(location.href);
    const put = (name, value) => (value === null ? address.searchParams.delete(name) : address.searchParams.set(name, value));
    put("t", place[lead].toFixed(3));
    put("side", lead === "a" ? "a" : null);
    put("view", views.name === "side" ? null : views.name);
    put("threshold", cut.threshold === cut.script.saved ? null : String(Number(cut.threshold.toFixed(6))));
    history.replaceState(history.state, "", address);
  };
  walk.addEventListener("change", soon);
  views.addEventListener("change", soon);
  cut.addEventListener("change", soon);
}

/** Where the address wants the walk to be. */
export function wantedMoment(alignment) {
  const asked = new URLSearchParams(location.search);
  const seconds = Number.parseFloat(asked.get("t") ?? "");
  return Number.isFinite(seconds) ? alignment.fromSide(asked.get("side") === "a" ? "a" : "b", seconds) : 0;
}
