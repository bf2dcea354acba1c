// @ts-check
// The page of the extension: what it is connected to, and the notes that wait.
import { ADDRESS } from "./config.js";
import { readState, removeNote, sendWaiting, signOut } from "./queue.js";

/** @type {HTMLAnchorElement} */
const connect = document.getElementById("connect");
const disconnect = document.getElementById("sign-out");
const list = document.getElementById("notes");

/** @param {WaitingExtensionNote} note */
function buildRow(note) {
  const row = document.createElement("li");
  const words = document.createElement("div");
  words.textContent = `${note.body.timestamp} ${note.body.text ?? "No text"}`;
  const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "Delete" });
  remove.addEventListener("click", () => removeNote(note.key));
  row.append(words, remove);
  if (note.error) row.append(Object.assign(document.createElement("span"), { textContent: note.error }));
  return row;
}

async function show() {
  const { account, notes } = await readState();
  document.getElementById("account").textContent = account
    ? `Connected to ${ADDRESS} as ${account.name}.`
    : `Not connected. Connect this extension on ${ADDRESS}.`;
  connect.hidden = account !== null;
  disconnect.hidden = account === null;
  document.getElementById("waiting").hidden = notes.length === 0;
  list.replaceChildren(...notes.map(buildRow));
}

async function showHotkey() {
  const [command] = await chrome.commands.getAll();
  document.getElementById("hotkey").textContent = command?.shortcut || "its shortcut (set it in the browser)";
}

connect.href = `${ADDRESS}/account/tokens/`;
disconnect.addEventListener("click", () => signOut());
document.getElementById("send").addEventListener("click", () => sendWaiting());
chrome.storage.onChanged.addListener(show);
show();
showHotkey();
