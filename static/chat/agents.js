// @ts-check
// Complete the names of agents after an @ in the composer. The list is loaded once, when the first @ is typed.
import { requestJson } from "../sage/request.js";

const question = /** @type {HTMLTextAreaElement} */ (document.querySelector("#composer textarea"));
const list = /** @type {HTMLElement} */ (document.getElementById("agent-list"));
const BEGUN = /(?:^|\s)@(\w*)$/;

/** @type {Promise<{name: string, description: string}[]> | null} */
let loading = null;
let chosen = 0;

function loadAgents() {
  loading ??= requestJson(list.dataset.agents).catch(() => {
    loading = null; // the next @ tries again
    return /** @type {{name: string, description: string}[]} */ ([]);
  });
  return loading;
}

/** Return the part of a name before the cursor, or null if none is being typed. */
function getBegun() {
  if (question.selectionStart !== question.selectionEnd) return null;
  return BEGUN.exec(question.value.slice(0, question.selectionStart))?.[1] ?? null;
}

async function showMatches() {
  const begun = getBegun();
  if (begun === null) return hide();
  const agents = await loadAgents();
  if (getBegun() !== begun) return; // something else was typed meanwhile
  const matches = agents.filter((agent) => agent.name.startsWith(begun.toLowerCase()));
  if (!matches.length) return hide();
  list.replaceChildren(...matches.map(buildOption));
  list.hidden = false;
  question.setAttribute("aria-expanded", "true");
  choose(0);
}

/**
 * @param {{name: string, description: string}} agent
 * @param {number} index
 */
function buildOption(agent, index) {
  const option = document.createElement("li");
  option.id = `agent-option-${index}`;
  option.role = "option";
  option.dataset.name = agent.name;
  const name = Object.assign(document.createElement("b"), { textContent: `@${agent.name}` });
  const description = Object.assign(document.createElement("span"), { textContent: agent.description });
  option.append(name, " ", description);
  return option;
}

/** @param {number} index */
function choose(index) {
  const options = [...list.children];
  chosen = (index + options.length) % options.length;
  options.forEach((option, place) => {
    option.ariaSelected = String(place === chosen);
  });
  options[chosen].scrollIntoView({ block: "nearest" });
  question.setAttribute("aria-activedescendant", options[chosen].id);
}

/** @param {HTMLElement} option */
function accept(option) {
  const end = question.selectionStart;
  const start = end - getBegun().length;
  question.setRangeText(`${option.dataset.name} `, start, end, "end");
  hide();
  question.focus();
  question.dispatchEvent(new Event("input", { bubbles: true }));
}

function hide() {
  list.hidden = true;
  question.setAttribute("aria-expanded", "false");
  question.removeAttribute("aria-activedescendant");
}

/** @param {KeyboardEvent} event */
function handleKey(event) {
  if (list.hidden || event.isComposing) return;
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter" || event.key === "Tab") {
    accept(/** @type {HTMLElement} */ (list.children[chosen]));
  } else if (event.key === "Escape") hide();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation(); // Enter would send the question
}

question.addEventListener("keydown", handleKey, { capture: true });
question.addEventListener("input", showMatches);
question.addEventListener("blur", hide);
list.addEventListener("pointerdown", (event) => {
  const option = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[role=option]"));
  if (!option) return;
  event.preventDefault(); // the question keeps the focus
  accept(option);
});
