// @ts-check
// Tell when no button of the pointer is pressed. What is replaced before that loses the click.
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

/** Wait until the user has released the pointer and what they clicked has been told, or for `LONGEST_PRESS_MS`. */
export const waitForRelease = () => Promise.race([released, delay(LONGEST_PRESS_MS)]);
