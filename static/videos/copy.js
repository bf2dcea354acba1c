// Copying: the link to what is seen now, and whatever a button names by `data-copy`.

const SAID_MS = 2000;

export function wireCopies(root, address) {
  const said = root.querySelector("#copied");
  let waiting;

  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-do=copy-link]");
    if (!button) return;
    const field = button.dataset.copy && root.querySelector(button.dataset.copy);
    const done = await copy(field ? field.value : address.href);
    said.textContent = done ? "Link copied" : "The browser did not let Sage copy. Copy the address from its bar.";
    for (const other of root.querySelectorAll(".copied")) other.classList.remove("copied");
    button.classList.toggle("copied", done);
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      button.classList.remove("copied");
      said.textContent = "";
    }, SAID_MS);
  });
}

/** Whether it is on the clipboard. Sites that are reached by plain HTTP have only the old way. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = Object.assign(document.createElement("textarea"), { value: text, className: "sr" });
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
