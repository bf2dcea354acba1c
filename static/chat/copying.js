// @ts-check
import { showToast } from "../sage/toast.js";

/**
 * Copy a text, and say whether the browser allowed it.
 * @param {string} text
 */
export function copyText(text) {
  navigator.clipboard.writeText(text).then(
    () => showToast("Copied"),
    () => showToast("The browser did not allow copying. Select the text instead."),
  );
}
