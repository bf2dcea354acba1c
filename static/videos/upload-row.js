// One upload as a row: a still and the length from the file itself, before the first byte is sent, and where it stands.

const SPEED_OVER_MS = 5000;

export class UploadRow {
  constructor(template, file, forget) {
    this.file = file;
    this.control = new AbortController();
    this.signal = this.control.signal;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.say = this.element.querySelector("[data-say]");
    this.bar = this.element.querySelector("progress");
    this.samples = [];
    this.element.querySelector("[data-name]").textContent = file.name;
    this.element.querySelector("[data-cancel]").addEventListener("click", () => {
      this.control.abort();
      forget();
    });
    this.#preview();
  }

  progress(sent, part, parts) {
    const now = performance.now();
    this.samples.push([now, sent]);
    while (this.samples.length > 2 && now - this.samples[0][0] > SPEED_OVER_MS) this.samples.shift();
    this.bar.value = sent / this.file.size;
    if (sent >= this.file.size && part === parts) {
      this.say.textContent = "Arrived, being put together";
      return;
    }
    const [then, before] = this.samples[0];
    const speed = now - then > 500 ? ((sent - before) / (now - then)) * 1000 : 0;
    const words = [`${size(sent)} of ${size(this.file.size)}`];
    if (parts > 1) words.push(`part ${Math.min(part + 1, parts)} of ${parts}`);
    if (speed > 0) words.push(`${size(speed)}/s`, `${left((this.file.size - sent) / speed)} left`);
    this.say.textContent = words.join(" · ");
  }

  fail(message) {
    this.element.classList.add("failed");
    this.say.textContent = message;
    this.say.setAttribute("role", "alert");
    this.element.querySelector("[data-cancel]").textContent = "Dismiss";
  }

  close() {
    this.element.remove();
    const video = this.element.querySelector("video");
    video?.removeAttribute("src"); // before its address goes, or it would ask for what is no longer there
    video?.load();
    URL.revokeObjectURL(this.address);
  }

  #preview() {
    const video = this.element.querySelector("video");
    const time = this.element.querySelector("time");
    this.address = URL.createObjectURL(this.file);
    video.addEventListener("loadedmetadata", () => {
      video.currentTime = Math.min(1, video.duration / 4);
      time.textContent = length(video.duration);
      time.hidden = !Number.isFinite(video.duration);
    });
    video.addEventListener("error", () => video.remove()); // no picture before the server has read it
    video.src = this.address;
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
