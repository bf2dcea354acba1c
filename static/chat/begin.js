// @ts-check
// Ctrl+K or Cmd+K begins a conversation, on every page.

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  const composer = document.querySelector("#composer textarea");
  if (composer instanceof HTMLElement && location.pathname === "/chat/") composer.focus();
  else location.href = "/chat/";
});
