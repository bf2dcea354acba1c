// @ts-check
// Keep the state of the page in its address, for links, reloads and the back button.
//
// `t` holds the seconds of B, or of A with `side=a`. `view`, `threshold`, `wipe`, `overlay`, `gain`, `offset_a` and
// `offset_b` are present if they differ from the page's defaults. A followed link adds a history entry; playing and
// dragging replace the current one. A copied link always has the threshold, since the owner may save another one.

const WRITE_DELAY_MS = 200;
const LINKS = "a[data-index], a[data-view]";

/** @typedef {Record<string, string | null>} Parameters Null for those that are omitted. */

export class PageAddress {
  /**
   * @param {HTMLElement} root
   * @param {object} parts
   * @param {SyncPlayback} parts.playback
   * @param {ViewModes} parts.views
   * @param {ScriptState} parts.state
   * @param {FrameOffsets} parts.offsets
   */
  constructor(root, { playback, views, state, offsets }) {
    this.root = root;
    this.playback = playback;
    this.views = views;
    this.state = state;
    this.offsets = offsets;
    /** @type {HTMLInputElement} */
    this.slider = root.querySelector("#threshold");
    this.timer = 0;
    this.search = location.search;
    const parameters = new URLSearchParams(location.search);
    this.#applySettings(parameters);
    this.ready = playback.seek(readTime(parameters, state.alignment)).then(() => this.#attach());
  }

  /** The address of what is shown now, to share. */
  get href() {
    return this.#build({ ...this.#settings(), threshold: this.state.thresholdParameter });
  }

  /** @param {Parameters} settings */
  #build(settings) {
    const { position } = this.playback;
    const { lead } = position.step;
    const address = new URL(location.href);
    setParameters(address.searchParams, {
      t: position[lead].toFixed(3),
      side: lead === "a" ? "a" : null,
      ...settings,
    });
    return address.href;
  }

  /** @returns {Parameters} */
  #settings() {
    const { views, state, offsets } = this;
    return {
      view: views.name === "side" ? null : views.name,
      threshold: state.threshold === state.script.saved ? null : state.thresholdParameter,
      ...views.changedAmounts,
      offset_a: offsets.a === 0 ? null : String(offsets.a),
      offset_b: offsets.b === 0 ? null : String(offsets.b),
    };
  }

  #write() {
    clearTimeout(this.timer);
    history.replaceState(history.state, "", this.#build(this.#settings()));
    this.search = location.search;
  }

  #attach() {
    const scheduleWrite = () => {
      if (this.playback.playing) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#write(), WRITE_DELAY_MS);
    };
    for (const source of [this.playback, this.views, this.offsets, this.state]) {
      source.addEventListener("change", scheduleWrite);
    }
    this.state.addEventListener("save", scheduleWrite);
    this.search = location.search;
    addEventListener("popstate", () => this.#restore());
    for (const event of ["pointerdown", "focusin"]) {
      this.root.addEventListener(event, ({ target }) => {
        this.#addSettings(/** @type {Element} */ (target).closest(LINKS));
      });
    }
    this.root.addEventListener("click", (event) => this.#follow(event), { capture: true });
  }

  /**
   * Add the current settings to a link, which may be opened in another tab.
   * @param {HTMLElement | null} link
   */
  #addSettings(link) {
    if (!link) return;
    const parameters = new URLSearchParams(link.getAttribute("href"));
    const { view, ...settings } = this.#settings();
    setParameters(parameters, link.dataset.view ? settings : { view, ...settings });
    link.setAttribute("href", `?${parameters}`);
  }

  /** @param {MouseEvent} event */
  #follow(event) {
    const link = /** @type {Element} */ (event.target).closest(LINKS);
    const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    const isTimelineClick = link?.closest("#timeline-plot") && event.detail > 0; // the gestures have already handled it
    if (!link || opensElsewhere || isTimelineClick || link.getAttribute("aria-current")) return;
    this.#write();
    history.pushState(null, "", location.href);
  }

  #restore() {
    if (location.search === this.search) return; // only the fragment changed
    this.search = location.search;
    const parameters = new URLSearchParams(location.search);
    this.#applySettings(parameters);
    this.playback.seek(readTime(parameters, this.state.alignment));
  }

  /** @param {URLSearchParams} parameters */
  #applySettings(parameters) {
    const threshold = Number.parseFloat(parameters.get("threshold") ?? "");
    const { min, max } = this.slider;
    const isValid = threshold >= Number(min) && threshold <= Number(max);
    this.state.threshold = isValid ? threshold : this.state.script.saved;
    this.state.settle();
    this.views.choose(parameters.get("view") ?? "side");
    this.views.setAmounts(parameters);
    /** @param {string} name */
    const readFrames = (name) => Number.parseInt(parameters.get(name) ?? "0", 10) || 0;
    this.offsets.set(readFrames("offset_a"), readFrames("offset_b"));
  }
}

/**
 * @param {URLSearchParams} parameters
 * @param {Parameters} values
 */
function setParameters(parameters, values) {
  for (const [name, value] of Object.entries(values)) {
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
  }
}

/**
 * Return the script time that an address asks for.
 * @param {URLSearchParams} parameters
 * @param {Alignment} alignment
 */
function readTime(parameters, alignment) {
  const seconds = Number.parseFloat(parameters.get("t") ?? "");
  return Number.isFinite(seconds) ? alignment.timeFromSide(parameters.get("side") === "a" ? "a" : "b", seconds) : 0;
}
