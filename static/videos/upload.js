// Uploads from the library: chosen or dropped files, each in parts, several at once.
import { sendFile } from "./parts.js";
import { UploadRow } from "./upload-row.js";

const AT_ONCE = 2; // files; each sends three parts at a time

const form = document.getElementById("upload");
const field = form.querySelector("input[type=file]");
const rows = document.getElementById("uploads");
const curtain = document.getElementById("dropping");
const count = document.getElementById("count");
const waiting = [];
let sending = 0;

function take(files) {
  for (const file of files) {
    const row = new UploadRow(document.getElementById("upload-row"), file, () => forget(row));
    rows.append(row.element);
    rows.hidden = false;
    waiting.push(row);
  }
  next();
}

function next() {
  while (sending < AT_ONCE && waiting.length) {
    sending += 1;
    send(waiting.shift()).finally(() => {
      sending -= 1;
      next();
    });
  }
}

async function send(row) {
  try {
    const video = await sendFile(form.dataset.uploads, row.file, row.signal, (sent, part, parts) => row.progress(sent, part, parts));
    await showCard(video.id);
    forget(row);
  } catch (error) {
    if (!row.signal.aborted) row.fail(error.message);
  }
}

function forget(row) {
  const place = waiting.indexOf(row);
  if (place >= 0) waiting.splice(place, 1);
  row.close();
  rows.hidden = !rows.children.length;
}

async function showCard(id) {
  const address = form.dataset.card.replace("00000000-0000-0000-0000-000000000000", id);
  if (document.getElementById(`video-${id}`)) return;
  await window.htmx.ajax("GET", address, { target: "#cards", swap: "afterbegin" });
  count.dataset.count = count.textContent = String(Number(count.dataset.count) + 1);
}

const underWay = () => sending > 0 || waiting.length > 0;

field.addEventListener("change", () => {
  take([...field.files]);
  field.value = "";
});
form.addEventListener("submit", (event) => event.preventDefault());

const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragover", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  curtain.hidden = false;
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) curtain.hidden = true;
});
document.addEventListener("drop", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  curtain.hidden = true;
  take([...event.dataTransfer.files]);
});
window.addEventListener("beforeunload", (event) => {
  if (underWay()) event.preventDefault();
});
