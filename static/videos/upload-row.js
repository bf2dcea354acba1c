// One upload as a row: a still and the length from the file itself, before the first byte is sent, and where it stands.

const SPEED_OVER_MS = 5000;
const STUCK = "nothing gets through right now, it is tried again";
const LOOK_MS = 1500; // for its still and length; what a browser cannot play has none

export class UploadRow {
  /** `does` has what its buttons do: `pause`, `go`, `again`, `choose`, `cancel`. */
  constructor(template, file, does) {
    this.file = file;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.say = this.element.querySelector("[data-say]");
    this.bar = this.element.querySelector("progress");
    this.element.querySelector("[data-name]").textContent = file.name;
    this.element.querySelector("[data-buttons]").setAttribute("aria-label", file.name);
    this.element.addEventListener("click", ({ target }) => does[target.closest("[data-do]")?.dataset.do]?.());
    this.told = { sent: 0, parts: 0, of: 1 };
    this.samples = [];
    this.#offer("cancel");
    /** Resolves to the length in seconds, null where it is not known. */
    this.known = file instanceof File ? this.#preview() : Promise.resolve(null);
  }

  /** Whether its file goes on, or will, by itself or by a press of Resume. */
  get isUnderWay() {
    return !["failed", "unfinished"].includes(this.element.dataset.state);
  }

  waits() {
    this.#state("waiting", "Waiting for the others");
    this.#offer("cancel");
  }

  begins() {
    Object.assign(this.told, { of: 0, joining: false, trouble: "" });
    this.#state("", "Getting ready");
    this.#offer("cancel");
  }

  goes(parts) {
    this.told.of = parts;
    this.samples = [];
    this.#state("", "Sending");
    this.#offer("pause", "cancel");
  }

  /** What the uploader tells: `{sent}`, `{parts}`, `{joining}`, or a `{failure}` after which it is tried again. */
  hear({ failure, ...news }) {
    if ("parts" in news && "sent" in news) this.samples = []; // it was there before, and says nothing of the speed
    Object.assign(this.told, { trouble: "" }, news);
    if (failure) this.told.trouble = failure.status ? `${failure.message} It is tried again.` : STUCK;
    if (this.element.dataset.state) return; // paused, or it has failed meanwhile
    this.bar.value = this.told.sent / this.file.size;
    this.say.textContent = this.#now();
    if (this.told.joining) this.#offer(...(failure ? ["cancel"] : []));
  }

  /** Called once a second while it goes, so that a speed is not shown that is past. */
  tick() {
    if (!this.element.dataset.state) this.say.textContent = this.#now();
  }

  pauses() {
    this.#state("paused", `Paused at ${this.#amount()}`);
    this.#offer("go", "cancel");
  }

  /** Begun some time ago, by a page that is gone; its file has to be chosen again. */
  isUnfinished(sent) {
    this.told.sent = sent;
    this.bar.value = sent / this.file.size;
    this.#state("unfinished", `${this.#amount()} arrived. Choose the file again to go on.`);
    this.#offer("choose", "cancel");
  }

  fails(message, again = false) {
    this.#state("failed", message);
    this.say.setAttribute("role", "alert");
    this.#offer(...(again ? ["again"] : []), "cancel");
    if (!again) this.element.querySelector("[data-do=cancel]").textContent = "Dismiss";
  }

  close() {
    this.element.remove();
    const video = this.element.querySelector("video");
    video?.removeAttribute("src"); // before its address goes, or it would ask for what is no longer there
    video?.load();
    URL.revokeObjectURL(this.address);
  }

  #state(name, words) {
    this.element.dataset.state = name;
    this.say.textContent = words;
    this.say.setAttribute("role", "status");
  }

  #offer(...names) {
    const had = this.element.contains(document.activeElement);
    for (const button of this.element.querySelectorAll("[data-do]")) button.hidden = !names.includes(button.dataset.do);
    if (had) this.element.querySelector("[data-do]:not([hidden])")?.focus();
  }

  #amount() {
    return `${size(this.told.sent)} of ${size(this.file.size)}`;
  }

  #now() {
    if (this.told.of && !this.told.joining) return this.#where();
    const stage = this.told.joining ? "Arrived, being put together" : "Getting ready";
    return this.told.trouble ? `${stage} · ${this.told.trouble}` : stage;
  }

  #where() {
    if (!navigator.onLine) return `${this.#amount()} · offline, goes on when the connection is back`;
    const now = performance.now();
    this.samples.push([now, this.told.sent]);
    while (this.samples.length > 2 && now - this.samples[0][0] > SPEED_OVER_MS) this.samples.shift();
    const [then, before] = this.samples[0];
    const speed = now - then > 500 ? ((this.told.sent - before) / (now - then)) * 1000 : 0;
    if (this.told.trouble) return `${this.#amount()} · ${this.told.trouble}`;
    const words = [this.#amount()];
    if (this.told.of > 1) words.push(`part ${Math.min(this.told.parts + 1, this.told.of)} of ${this.told.of}`);
    if (speed > 0) words.push(`${size(speed)}/s`, `${left((this.file.size - this.told.sent) / speed)} left`);
    else if (now - then > SPEED_OVER_MS - 1000) words.push(STUCK);
    return words.join(" · ");
  }

  #preview() {
    const video = this.element.querySelector("video");
    const time = this.element.querySelector("time");
    this.address = URL.createObjectURL(this.file);
    const known = new Promise((tell) => {
      video.addEventListener("loadedmetadata", () => {
        const { duration } = video;
        video.currentTime = Math.min(1, duration / 4);
        time.hidden = !Number.isFinite(duration);
        time.textContent = time.hidden ? "" : length(duration);
        tell(time.hidden ? null : duration);
      });
      video.addEventListener("error", () => {
        video.remove(); // no picture before the server has read it
        tell(null);
      });
      setTimeout(tell, LOOK_MS, null);
    });
    video.src = this.address;
    return known;
  }
}

function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const number = bytes / 1000 ** step;
  return `${step > 1 && number < 100 ? number.toFixed(1) : Math.round(number)} ${units[step]}`;
}

function left(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

function length(seconds) {
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
