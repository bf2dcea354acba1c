// @ts-check
// Set the threshold with the sensitivity slider. The page and its links are updated while it moves, and a request saves
// it. The slider runs from right to left, because a lower threshold shows more differences.
import { requestJson } from "../../sage/request.js";

const TOLERANCE = 1e-6; // thresholds closer than this are equal

/**
 * @param {HTMLElement} root
 * @param {ScriptState} state
 */
export function setUpThreshold(root, state) {
  /** @type {HTMLFormElement} */
  const form = root.querySelector("#threshold-form");
  /** @type {HTMLInputElement} */
  const slider = form.querySelector("input[type=range]");
  const output = form.querySelector("output");
  /** @type {HTMLButtonElement} */
  const resetButton = form.querySelector("[data-do=reset-threshold]");
  /** @type {HTMLButtonElement | null} */
  const saveButton = form.querySelector("[data-do=save-threshold]");
  const status = form.querySelector("#threshold-status");
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = root.querySelectorAll("a[data-threshold-link]");
  const summary = root.querySelector("#threshold-summary");
  const [min, max] = [Number(slider.min), Number(slider.max)];
  let frame = 0;

  const draw = () => {
    slider.value = String(state.threshold);
    output.textContent = state.threshold.toFixed(2);
    slider.style.setProperty("--done", `${(100 * (max - state.threshold)) / (max - min)}%`);
    slider.setAttribute("aria-valuetext", `Threshold ${output.textContent}`);
    if (summary) summary.textContent = `${describeSensitivity(state)} sensitivity (threshold ${output.textContent})`;
    resetButton.hidden = state.isCalibrated;
    if (saveButton) saveButton.hidden = isSaved();
    for (const link of links) {
      const url = new URL(link.href);
      url.searchParams.set("threshold", state.thresholdParameter);
      link.href = url.href;
    }
  };
  const isSaved = () => Math.abs(state.threshold - state.script.saved) < TOLERANCE;
  /**
   * @param {string} message
   * @param {boolean} [isError]
   */
  const showStatus = (message, isError = false) => {
    status.textContent = message;
    status.classList.toggle("bad", isError);
  };

  slider.addEventListener("input", () => {
    showStatus("");
    cancelAnimationFrame(frame); // at most once a frame
    frame = requestAnimationFrame(() => {
      state.threshold = Number(slider.value);
    });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (Number(slider.value) !== state.threshold) {
      cancelAnimationFrame(frame); // Enter can come before the frame
      state.threshold = Number(slider.value);
    }
    if (event.submitter === resetButton) {
      state.threshold = state.script.calibrated;
      showStatus("");
    } else if (saveButton && !isSaved()) {
      save();
    }
  });

  async function save() {
    const { threshold, isCalibrated } = state;
    saveButton.disabled = true;
    try {
      await requestJson(form.dataset.api, { method: "PATCH", body: { threshold: isCalibrated ? null : threshold } });
      state.markSaved(threshold);
      showStatus("Saved");
    } catch (error) {
      showStatus(error.message, true);
    }
    saveButton.disabled = false;
  }

  state.addEventListener("recolour", draw);
  state.addEventListener("save", draw);
  draw();
}

/** @param {ScriptState} state */
function describeSensitivity(state) {
  if (!state.isCalibrated) return "custom";
  return state.script.mode === "interval" ? "default" : "automatic";
}
