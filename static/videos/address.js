// The address holds what is looked at, so that a link, a reload or the way back comes to it again: `t` seconds of B, or of A
// with `side=a`; and where they are not as a page begins, `view`, `threshold`, `wipe`, `overlay` and `gain`, and the frames
// of `offset_a` and `offset_b`. A link that is followed begins an entry of the history; playing and dragging begin none.
// What is copied always tells the threshold, since its owner may save another one.

const SOON_MS = 200;
const LINKS = "a[data-index], a[data-view]";
const KEPT = ["view", "threshold", "wipe", "overlay", "gain", "offset_a", "offset_b"];

export class Address {
  constructor(root, { walk, views, cut, offsets }) {
    Object.assign(this, { root, walk, views, cut, offsets });
    this.slider = root.querySelector("#threshold");
    const asked = new URLSearchParams(location.search);
    this.#choose(asked);
    this.ready = walk.seek(moment(asked, cut.alignment)).then(() => this.#wire());
  }

  /** The address of what is seen now, to be given to others. */
  get href() {
    return this.#of({ ...this.#kept(), threshold: this.cut.asked });
  }

  #of(kept) {
    const { place } = this.walk;
    const { lead } = place.step;
    const address = new URL(location.href);
    const now = { t: place[lead].toFixed(3), side: lead === "a" ? "a" : null, ...kept };
    for (const [name, value] of Object.entries(now)) {
      if (value === null) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    return address.href;
  }

  #kept() {
    const { views, cut, offsets } = this;
    return {
      view: views.name === "side" ? null : views.name,
      threshold: cut.threshold === cut.script.saved ? null : cut.asked,
      ...views.unusual,
      offset_a: offsets.a === 0 ? null : String(offsets.a),
      offset_b: offsets.b === 0 ? null : String(offsets.b),
    };
  }

  #write() {
    clearTimeout(this.waiting);
    history.replaceState(history.state, "", this.#of(this.#kept()));
    this.search = location.search;
  }

  #wire() {
    const soon = () => {
      if (this.walk.playing) return;
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.#write(), SOON_MS);
    };
    for (const teller of [this.walk, this.views, this.offsets]) teller.addEventListener("change", soon);
    for (const event of ["change", "keep"]) this.cut.addEventListener(event, soon);
    this.search = location.search;
    addEventListener("popstate", () => this.#return());
    for (const event of ["pointerdown", "focusin"]) this.root.addEventListener(event, ({ target }) => this.#carry(target.closest(LINKS)));
    this.root.addEventListener("click", (event) => this.#follow(event), { capture: true });
  }

  /** A link may be opened elsewhere: what is kept goes along. */
  #carry(link) {
    if (!link) return;
    const wanted = new URLSearchParams(link.getAttribute("href"));
    for (const [name, value] of Object.entries(this.#kept())) {
      if (name === "view" && link.dataset.view) continue;
      if (value === null) wanted.delete(name);
      else wanted.set(name, value);
    }
    link.setAttribute("href", `?${wanted}`);
  }

  #follow(event) {
    const link = event.target.closest(LINKS);
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    const drawn = link?.closest("#field") && event.detail > 0; // pointing at a bar has gone there already
    if (!link || elsewhere || drawn || link.getAttribute("aria-current")) return;
    this.#write();
    history.pushState(null, "", location.href);
  }

  #return() {
    if (location.search === this.search) return; // only the place on the page
    this.search = location.search;
    const asked = new URLSearchParams(location.search);
    this.#choose(asked);
    this.walk.seek(moment(asked, this.cut.alignment));
  }

  #choose(asked) {
    const threshold = Number.parseFloat(asked.get("threshold") ?? "");
    const { min, max } = this.slider;
    this.cut.threshold = threshold >= Number(min) && threshold <= Number(max) ? threshold : this.cut.script.saved;
    this.cut.settle();
    this.views.choose(asked.get("view") ?? "side");
    this.views.amounts = asked;
    this.offsets.set(...["a", "b"].map((name) => Number.parseInt(asked.get(`offset_${name}`) ?? "0", 10) || 0));
  }
}

/** Where an address wants the walk to be. */
function moment(asked, alignment) {
  const seconds = Number.parseFloat(asked.get("t") ?? "");
  return Number.isFinite(seconds) ? alignment.fromSide(asked.get("side") === "a" ? "a" : "b", seconds) : 0;
}
