// Keeps every figure of what is left up to date: what changes it is told on the socket that the page has open already.

document.addEventListener("sage:news", ({ detail: { token_balance: left, held } }) => {
  if (left === undefined) return;
  for (const place of document.querySelectorAll("[data-tokens-left]")) place.textContent = left.toLocaleString("en");
  for (const place of document.querySelectorAll("[data-tokens-held]")) place.textContent = held.toLocaleString("en");
  for (const line of document.querySelectorAll("[data-tokens-on-hold]")) line.hidden = !held;
});
