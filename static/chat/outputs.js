// @ts-check
// Copy an output on its page.
import { copyText } from "./copying.js";

document.querySelector("[data-copy-output]")?.addEventListener("click", () => {
  const source = document.querySelector("[data-output-source]");
  copyText(
    source?.textContent ?? /** @type {HTMLElement} */ (document.querySelector(".output .answer-text")).innerText,
  );
});
