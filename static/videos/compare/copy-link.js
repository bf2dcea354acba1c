// @ts-check
// Copy the link to what is shown now, or the field that a button names by `data-copy`.

const MESSAGE_MS = 2000;

/**
 * @param {HTMLElement} root
 * @param {PageAddress} address
 */
export function setUpCopyButtons(root, address) {
  const status = root.querySelector("#copied");
  let timer = 0;

  root.addEventListener("click", async (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-copy], [data-do=copy-link]");
    if (!button) return;
    /** @type {HTMLInputElement} */
    const field = button.dataset.copy && root.querySelector(button.dataset.copy);
    const isCopied = await copyText(field ? field.value : address.href);
    status.textContent = isCopied ? "Link copied" : "Sage couldn't copy the link. Copy it from the address bar.";
    for (const other of root.querySelectorAll(".copied")) other.classList.remove("copied");
    button.classList.toggle("copied", isCopied);
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.classList.remove("copied");
      status.textContent = "";
    }, MESSAGE_MS);
  });
}

/**
 * Copy text to the clipboard and return whether that worked. Pages over plain HTTP have only the old command.
 * @param {string} text
 */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = Object.assign(document.createElement("textarea"), { value: text, className: "sr" });
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    return isCopied;
  }
}
