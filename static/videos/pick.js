// Picking two videos to compare: the bar at the foot says which, swaps them, lets go of them.

const form = document.getElementById("pick");
const chosen = (name) => document.querySelector(`.picks input[name=${name}]:checked`);
const named = (name, id) => document.querySelector(`.picks input[name=${name}][value="${id}"]`);
const HINTS = { a: "pick the first cut", b: "pick the second" };

function show() {
  for (const name of ["a", "b"]) {
    const words = form.querySelector(`[data-chosen=${name}]`);
    const card = chosen(name)?.closest(".card");
    words.textContent = card?.dataset.title ?? HINTS[name];
    words.classList.toggle("is", Boolean(card));
  }
  form.querySelector("[data-do=compare]").disabled = !(chosen("a") && chosen("b"));
}

const does = {
  swap() {
    const [a, b] = [chosen("a"), chosen("b")];
    for (const input of [a, b]) if (input) input.checked = false;
    if (b) named("a", b.value).checked = true;
    if (a) named("b", a.value).checked = true;
  },
  clear() {
    for (const input of document.querySelectorAll(".picks :checked")) input.checked = false;
  },
};

document.addEventListener("change", (event) => {
  if (!event.target.matches(".picks input")) return;
  const { name, value } = event.target;
  const other = named(name === "a" ? "b" : "a", value);
  if (other.checked) other.checked = false; // one video is not both
  show();
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!does[button?.dataset.do]) return;
  does[button.dataset.do]();
  show();
});
document.addEventListener("htmx:afterSettle", show);
window.addEventListener("pageshow", show);
show();
