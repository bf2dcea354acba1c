// @ts-check
// Change the text of an element many times a second.

/**
 * Replace the text of an element without inserting a node: an inserted node makes the browser check each `:has()` rule
 * against the whole page, which takes more than a frame on a page with thousands of rows.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setText(element, text) {
  const node = element.firstChild;
  if (!(node instanceof Text) || element.childNodes.length !== 1 || !text) element.textContent = text;
  else if (node.data !== text) node.data = text;
}
