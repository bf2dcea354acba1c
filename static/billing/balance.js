// Keeps every figure of what is left up to date: what changes it is told on the socket that the page has open already.

let newest = 0; // the number of the entry that the figures are of: news may overtake each other

document.addEventListener("sage:news", ({ detail: { token_balance: left, held, number } }) => {
  if (left === undefined || number < newest) return;
  newest = number;
  for (const place of document.querySelectorAll("[data-tokens-left]")) place.textContent = left.toLocaleString("en");
  for (const place of document.querySelectorAll("[data-tokens-held]")) place.textContent = held.toLocaleString("en");
  for (const line of document.querySelectorAll("[data-tokens-on-hold]")) line.hidden = !held;
});
