// @ts-check
// Update the token balance on the page with the messages of the live socket.

let lastNumber = 0; // of the newest entry shown, since messages may arrive out of order

document.addEventListener("sage:topic:balance", ({ detail: { token_balance, held, number } }) => {
  if (number < lastNumber) return;
  lastNumber = number;
  for (const text of document.querySelectorAll("[data-tokens-left]")) {
    text.textContent = token_balance.toLocaleString("en");
  }
  for (const text of document.querySelectorAll("[data-tokens-held]")) text.textContent = held.toLocaleString("en");
  for (const line of document.querySelectorAll("[data-tokens-on-hold]")) line.hidden = !held;
});
