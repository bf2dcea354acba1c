// @ts-check
// Show a message at the bottom of the page for ten seconds, or while it has the pointer or the focus.

const SHOWN_MS = 10000;

/**
 * @param {string} message
 * @param {object} [options]
 * @param {{href: string, label: string}} [options.link]
 * @param {{label: string, run: () => void}} [options.action]
 */
export function showToast(message, { link, action } = {}) {
  const element = document.createElement("p");
  element.className = "toast";
  element.append(Object.assign(document.createElement("span"), { textContent: message }));
  const close = () => element.remove();
  if (link) {
    const { href, label } = link;
    element.append(Object.assign(document.createElement("a"), { href, textContent: label, className: "link" }));
  }
  if (action) {
    const button = buildButton(action.label, () => {
      close();
      action.run();
    });
    element.append(button);
  }
  element.append(buildDismissButton(close));
  document.getElementById("toasts").append(element);
  let timer = setTimeout(close, SHOWN_MS);
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) {
    element.addEventListener(name, () => {
      clearTimeout(timer);
      timer = setTimeout(close, SHOWN_MS);
    });
  }
}

/**
 * @param {string} label
 * @param {() => void} run
 */
function buildButton(label, run) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button", textContent: label });
  button.addEventListener("click", run);
  return button;
}

/** @param {() => void} close */
function buildDismissButton(close) {
  const button = buildButton("×", close);
  button.className = "round";
  button.setAttribute("aria-label", "Dismiss");
  return button;
}
