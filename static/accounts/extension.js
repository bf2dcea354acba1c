// @ts-check
// Tell whether the browser extension is installed and connected, and hand the new token over to it.

const section = document.getElementById("extension");
const status = section.querySelector("[role=status]");
const form = section.querySelector("form");
/** @type {HTMLInputElement | null} */
const tokenField = document.querySelector("#new-token[data-hand-over]");

/**
 * @param {Record<string, string>} message
 * @returns {Promise<{userId: string | null} | null>} Null if the extension is not installed.
 */
async function sendToExtension(message) {
  if (typeof chrome === "undefined" || !chrome.runtime?.sendMessage) return null; // no extension names this site
  return chrome.runtime.sendMessage(section.dataset.extension, message).catch(/** @returns {null} */ () => null);
}

/** @param {{userId: string | null}} answer */
function showConnection({ userId }) {
  const isConnected = userId === section.dataset.user;
  status.textContent = isConnected
    ? "The extension in this browser is connected."
    : "The extension in this browser is not connected.";
  form.hidden = isConnected;
}

async function connect() {
  const { user, name } = section.dataset;
  const answer = await sendToExtension({ type: "connect", token: tokenField.value, userId: user, name });
  if (answer?.userId === user) tokenField.closest("section").remove(); // the extension has it, and nobody needs to copy it
  return answer;
}

const answer = await (tokenField ? connect() : sendToExtension({ type: "status" }));
if (answer) showConnection(answer);
