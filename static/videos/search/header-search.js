// @ts-check
// Focus the search box of the page with the key /, or the one in the header. Phones have a link instead of that box.
import { addShortcuts } from "../../sage/shortcuts.js";

function focusSearchBox() {
  /** @type {HTMLInputElement} */
  const field = document.querySelector("main input[type=search]") ?? document.getElementById("header-search");
  if (field?.checkVisibility()) field.select();
  else document.querySelector(".find-link")?.click();
}

addShortcuts({ "/": focusSearchBox });
