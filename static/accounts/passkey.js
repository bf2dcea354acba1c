// Passkeys: a form asks the browser for one, or for a signature by one, puts the answer into its hidden field, and goes.
import { requestText } from "../sage/request.js";

const NO_PASSKEYS = "This browser has no passkeys, or not for this address. Use a password.";
const NOT_DONE = "Nothing was done: the browser was given no passkey. Try again, or go another way.";

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
const known = (list) => list?.map((one) => ({ ...one, id: toBytes(one.id) }));

/** The answer of `navigator.credentials` as allauth reads it. */
function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  const { id, type } = credential;
  return JSON.stringify({ id, type, rawId: toText(credential.rawId), response, clientExtensionResults: credential.getClientExtensionResults() });
}

async function make(form, { publicKey }) {
  const alone = form.querySelector("[name=passwordless]")?.checked;
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: Boolean(alone),
        userVerification: alone ? "required" : "preferred",
      },
    },
  });
}

function sign({ publicKey }) {
  const allowCredentials = known(publicKey.allowCredentials);
  return navigator.credentials.get({ publicKey: { ...publicKey, challenge: toBytes(publicKey.challenge), allowCredentials } });
}

async function answer(form) {
  const options = form.dataset.options
    ? JSON.parse(await requestText(form.dataset.options, { headers: { "X-Requested-With": "XMLHttpRequest" } }))
    : JSON.parse(document.getElementById("passkey-options").textContent);
  return options.creation_options ? make(form, options.creation_options) : sign(options.request_options);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const said = form.querySelector("[data-said]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.hidden = true;
    try {
      form.elements.credential.value = written(await answer(form));
      form.submit();
    } catch {
      said.textContent = window.PublicKeyCredential ? NOT_DONE : NO_PASSKEYS;
      said.hidden = false;
    }
  });
}
