// @ts-check
// Create passkeys and sign in with them: each form asks the browser for a credential and submits it in a hidden field.
import { requestText } from "../sage/request.js";

const UNSUPPORTED = "This browser does not support passkeys on this site. Use your password.";
const CANCELLED = "No passkey was used. Try again, or use another sign-in method.";

/** @param {string} text Base64, for URLs or not. */
function decodeBase64(text) {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes */
function encodeBase64Url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
}

/** @param {any[] | undefined} list */
const decodeDescriptors = (list) => list?.map((descriptor) => ({ ...descriptor, id: decodeBase64(descriptor.id) }));

/**
 * Return a credential as the JSON that allauth reads.
 * @param {any} credential
 */
function serializeCredential(credential) {
  /** @type {Record<string, string>} */
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = encodeBase64Url(credential.response[name]);
  }
  const { id, type } = credential;
  const clientExtensionResults = credential.getClientExtensionResults();
  return JSON.stringify({ id, type, rawId: encodeBase64Url(credential.rawId), response, clientExtensionResults });
}

/**
 * @param {HTMLFormElement} form
 * @param {any} options
 */
function createCredential(form, { publicKey }) {
  /** @type {HTMLInputElement | null} */
  const checkbox = form.querySelector("[name=passwordless]");
  const isPasswordless = Boolean(checkbox?.checked);
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: decodeBase64(publicKey.challenge),
      user: { ...publicKey.user, id: decodeBase64(publicKey.user.id) },
      excludeCredentials: decodeDescriptors(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: isPasswordless ? "required" : "discouraged",
        requireResidentKey: isPasswordless,
        userVerification: isPasswordless ? "required" : "preferred",
      },
    },
  });
}

/** @param {any} options */
function getCredential({ publicKey }) {
  const allowCredentials = decodeDescriptors(publicKey.allowCredentials);
  const challenge = decodeBase64(publicKey.challenge);
  return navigator.credentials.get({ publicKey: { ...publicKey, challenge, allowCredentials } });
}

/** @param {HTMLFormElement} form */
async function requestCredential(form) {
  const text = form.dataset.options
    ? await requestText(form.dataset.options, { headers: { "X-Requested-With": "XMLHttpRequest" } })
    : document.getElementById("passkey-options").textContent;
  const options = JSON.parse(text);
  return options.creation_options
    ? createCredential(form, options.creation_options)
    : getCredential(options.request_options);
}

/** @type {NodeListOf<HTMLFormElement>} */
const forms = document.querySelectorAll("form[data-passkey]");
for (const form of forms) {
  const message = form.querySelector("[data-message]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    message.hidden = true;
    try {
      const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
      field.value = serializeCredential(await requestCredential(form));
      form.submit();
    } catch {
      message.textContent = "PublicKeyCredential" in window ? CANCELLED : UNSUPPORTED;
      message.hidden = false;
    }
  });
}
