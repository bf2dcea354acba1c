// @ts-check
// Wait until no button of the pointer is pressed. An element that is replaced before that loses its click.
import { delay } from "./request.js";

const LONGEST_PRESS_MS = 3000; // the page does not see every release, for example outside its window
let released = Promise.resolve();

document.addEventListener(
  "pointerdown",
  () => {
    released = new Promise((resolve) => {
      const end = () => setTimeout(resolve); // the click comes first
      for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end, { once: true, capture: true });
    });
  },
  { capture: true },
);

/** Wait until the pointer is released and its click is handled, or for `LONGEST_PRESS_MS`. */
export const waitForRelease = () => Promise.race([released, delay(LONGEST_PRESS_MS)]);
