// @ts-check
// Copy an output on its page.
import { showToast } from "../sage/toast.js";

document.querySelector("[data-copy-output]")?.addEventListener("click", () => {
  const text = /** @type {HTMLElement} */ (document.querySelector(".output .answer-text")).innerText;
  navigator.clipboard.writeText(text).then(
    () => showToast("Copied"),
    () => showToast("The browser did not allow copying. Select the text instead."),
  );
});
