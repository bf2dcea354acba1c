// The address holds the moment, so that a link or a reload comes back to it: `t` seconds of B, or of A with `side=a`.

export function wireAddress(walk) {
  let waiting;
  walk.addEventListener("change", () => {
    if (walk.playing) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const { place } = walk;
      const { lead } = place.step;
      const address = new URL(location.href);
      address.searchParams.set("t", place[lead].toFixed(3));
      if (lead === "a") address.searchParams.set("side", "a");
      else address.searchParams.delete("side");
      history.replaceState(history.state, "", address);
    }, 200);
  });
}

/** Where the address wants the walk to be. */
export function wantedMoment(alignment) {
  const asked = new URLSearchParams(location.search);
  const seconds = Number.parseFloat(asked.get("t") ?? "");
  return Number.isFinite(seconds) ? alignment.fromSide(asked.get("side") === "a" ? "a" : "b", seconds) : 0;
}
