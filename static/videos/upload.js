// The library's way in: files are chosen, or dropped anywhere on the page.
import { Arrivals } from "./arrivals.js";

const form = document.getElementById("upload");
const field = form.querySelector("input[type=file]");
const curtain = document.getElementById("dropping");
const count = document.getElementById("count");
const arrivals = new Arrivals(document.getElementById("uploads"), document.getElementById("upload-row"), form, arrived);

const take = (files) => {
  for (const file of files) arrivals.take(file);
};

async function arrived({ video }) {
  const address = form.dataset.card.replace("00000000-0000-0000-0000-000000000000", video.id);
  if (document.getElementById(`video-${video.id}`)) return;
  await window.htmx.ajax("GET", address, { target: "#cards", swap: "afterbegin" });
  count.dataset.count = count.textContent = String(Number(count.dataset.count) + 1);
}

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
  if (arrivals.isBusy) event.preventDefault();
});

arrivals.recall(() => field.click());
