// @ts-check
// Ctrl+K or Cmd+K begins a conversation, on every page. A toast says when an answer has ended that no page shows.
import { showToast } from "../sage/toast.js";

const ENDED = new Map([
  ["complete", "Answer ready"],
  ["failed", "An answer could not be written"],
]);

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  const composer = document.querySelector("#composer textarea");
  if (composer instanceof HTMLElement && location.pathname === "/chat/") composer.focus();
  else location.href = "/chat/";
});

document.addEventListener("sage:topic:conversations", ({ detail }) => {
  const text = ENDED.get(detail.status);
  const isShown = document.querySelector(`[data-conversation="${detail.conversation_id}"]`);
  if (!text || isShown || document.hidden) return;
  showToast(text, { link: { href: `/chat/${detail.conversation_id}/`, label: "Open conversation" } });
});
