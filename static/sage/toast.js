// Quiet words at the foot of the page, with a link or something to do; they go by themselves, not while looked at.

const LASTS_MS = 10000;

/** `link` is `{href, words}`, `act` is `{words, does}`. Both are optional. */
export function toast(words, { link, act } = {}) {
  const element = document.createElement("p");
  element.className = "toast";
  element.append(Object.assign(document.createElement("span"), { textContent: words }));
  const close = () => element.remove();
  if (link) element.append(Object.assign(document.createElement("a"), { href: link.href, textContent: link.words, className: "link" }));
  if (act) element.append(button(act.words, () => (close(), act.does())));
  element.append(dismissal(close));
  document.getElementById("toasts").append(element);
  let timer = setTimeout(close, LASTS_MS);
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) {
    element.addEventListener(name, () => {
      clearTimeout(timer);
      timer = setTimeout(close, LASTS_MS);
    });
  }
}

function button(words, does) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: words });
  made.addEventListener("click", does);
  return made;
}

function dismissal(close) {
  const made = button("×", close);
  made.className = "round";
  made.setAttribute("aria-label", "Dismiss");
  return made;
}
