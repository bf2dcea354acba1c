// The threshold: what counts as changed follows the slider at once, and so does what its links give out; saving it is one
// request.
import { requestJson } from "../sage/request.js";

export function wireThreshold(root, cut) {
  const form = root.querySelector("#dial");
  const slider = form.querySelector("input[type=range]");
  const shown = form.querySelector("output");
  const reset = form.querySelector("[data-do=reset-threshold]");
  const save = form.querySelector("[data-do=save-threshold]");
  const said = form.querySelector("#dial-said");
  const links = root.querySelectorAll("a[data-cut]");
  const told = root.querySelector("#told-threshold");
  let waiting = 0;
  const [least, most] = [Number(slider.min), Number(slider.max)];

  const draw = () => {
    slider.value = String(cut.threshold);
    shown.textContent = cut.threshold.toFixed(2);
    slider.style.setProperty("--done", `${(100 * (cut.threshold - least)) / (most - least)}%`);
    if (told) told.textContent = `${cut.isCalibrated && cut.script.mode !== "interval" ? "calibrated " : ""}threshold ${shown.textContent}`;
    reset.disabled = cut.isCalibrated;
    for (const link of links) {
      const address = new URL(link.href);
      address.searchParams.set("threshold", cut.asked);
      link.href = address.href;
    }
  };
  const say = (words, isBad = false) => {
    said.textContent = words;
    said.classList.toggle("bad", isBad);
  };

  slider.addEventListener("input", () => {
    say("");
    cancelAnimationFrame(waiting); // once a frame is often enough
    waiting = requestAnimationFrame(() => (cut.threshold = Number(slider.value)));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter === reset) {
      cut.threshold = cut.script.calibrated;
      say("");
    } else if (save) {
      keep();
    }
  });

  async function keep() {
    const threshold = cut.threshold;
    save.disabled = true;
    try {
      await requestJson(form.dataset.api, { method: "PATCH", body: { threshold: cut.isCalibrated ? null : threshold } });
      cut.keep(threshold);
      say("Saved");
    } catch (error) {
      say(error.message, true);
    }
    save.disabled = false;
  }

  cut.addEventListener("recolour", draw);
  draw();
}
