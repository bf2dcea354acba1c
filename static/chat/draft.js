// @ts-check
// Show the Markdown of an answer while it is written. The server renders the whole answer when it has ended.
//
// Only elements without attributes and text are created, so nothing in an answer becomes HTML. Code and tables are shown
// as such from their first line on.

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*)$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?:\s+|$)/;
const INDENTED = /^\s{2,}\S/;
const QUOTE = /^ {0,3}> ?/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const TABLE_ROW = /^ {0,3}\|/;
const TABLE_DIVIDER = /^[\s|:-]*$/;
// Code, bold, emphasis, struck text, a citation, a link. Code and bold may still be open.
const INLINE =
  /`([^`]+)(?:`|$)|\*\*(?=\S)(.+?)(?:\*\*|$)|\*(?=\S)([^*\n]+)\*|~~(.+?)~~|\[(\d{1,4}:\d{2}(?::\d{2})?)\]|\[([^\][\n]+)\]\([^)\n]*(?:\)|$)/g;
const MAX_DEPTH = 6; // of lists and quotes within each other

/** @typedef {{ kind: string, lines: string[] }} Block */
/** @type {WeakMap<Element, string[]>} The sources of the blocks that an element shows. */
const shown = new WeakMap();

/**
 * Show the text so far. Blocks that have not changed stay as they are.
 * @param {Element} element
 * @param {string} content
 */
export function showDraft(element, content) {
  const before = shown.get(element);
  if (!before) element.replaceChildren();
  const blocks = splitBlocks(content.split("\n"));
  const sources = blocks.map(({ kind, lines }) => `${kind}\n${lines.join("\n")}`);
  for (const [place, block] of blocks.entries()) {
    if (before?.[place] === sources[place]) continue;
    const made = createBlock(block, 0);
    const old = element.children[place];
    if (old) old.replaceWith(made);
    else element.append(made);
  }
  while (element.children.length > blocks.length) element.lastElementChild?.remove();
  shown.set(element, sources);
}

/**
 * Return the blocks of some lines.
 * @param {string[]} lines
 * @returns {Block[]}
 */
function splitBlocks(lines) {
  /** @type {Block[]} */
  const blocks = [];
  let place = 0;
  while (place < lines.length) {
    const kind = findKind(lines[place]);
    const end = kind === "blank" ? place + 1 : findEnd(kind, lines, place);
    if (kind !== "blank") blocks.push({ kind, lines: lines.slice(place, end) });
    place = end;
  }
  return blocks;
}

/** @param {string} line */
function findKind(line) {
  if (!line.trim()) return "blank";
  if (FENCE.test(line)) return "code";
  if (HEADING.test(line)) return "heading";
  if (RULE.test(line)) return "rule";
  if (ITEM.test(line)) return /\d/.test(line.trim()[0]) ? "ol" : "ul";
  if (QUOTE.test(line)) return "quote";
  return TABLE_ROW.test(line) ? "table" : "text";
}

/**
 * Return the place after the last line of the block that begins at `place`.
 * @param {string} kind
 * @param {string[]} lines
 * @param {number} place
 */
function findEnd(kind, lines, place) {
  let end = place + 1;
  if (kind === "code") {
    const fence = FENCE.exec(lines[place])[1];
    while (end < lines.length && !isClosing(lines[end], fence)) end += 1;
    return Math.min(end + 1, lines.length);
  }
  const isList = kind === "ol" || kind === "ul";
  for (; end < lines.length; end += 1) {
    const next = findKind(lines[end]);
    if (next === kind && kind !== "heading" && kind !== "rule") continue;
    if (isList && continuesList(kind, next, lines, end)) continue;
    if (kind === "quote" && next === "text") continue;
    break;
  }
  return end;
}

/**
 * Return whether a line of another kind belongs to a list: it is indented, or continues the text of an item.
 * @param {string} kind
 * @param {string} next
 * @param {string[]} lines
 * @param {number} place
 */
function continuesList(kind, next, lines, place) {
  const after = lines[place + 1];
  if (next === "blank") return after !== undefined && (findKind(after) === kind || INDENTED.test(after));
  return INDENTED.test(lines[place]) || (next === "text" && lines[place - 1].trim() !== "");
}

/**
 * Return whether a line ends the code that `fence` has begun.
 * @param {string} line
 * @param {string} fence
 */
function isClosing(line, fence) {
  const text = line.trim();
  return text.length >= fence.length && text === fence[0].repeat(text.length);
}

/**
 * @param {Block} block
 * @param {number} depth
 * @returns {HTMLElement}
 */
function createBlock({ kind, lines }, depth) {
  if (kind === "code") return createCode(lines);
  if (kind === "table") return createTable(lines);
  if (kind === "rule") return document.createElement("hr");
  if (kind === "heading") {
    const [, signs, text] = HEADING.exec(lines[0]);
    return createElement(`h${signs.length}`, createInline(text));
  }
  if (depth < MAX_DEPTH && kind === "quote") {
    const inner = splitBlocks(lines.map((line) => line.replace(QUOTE, "")));
    return createElement("blockquote", ...inner.map((one) => createBlock(one, depth + 1)));
  }
  if (depth < MAX_DEPTH && (kind === "ul" || kind === "ol")) return createList(kind, lines, depth);
  return createElement("p", createInline(lines.join("\n")));
}

/**
 * Return a list. Lines that are indented belong to the item above them.
 * @param {string} kind
 * @param {string[]} lines
 * @param {number} depth
 */
function createList(kind, lines, depth) {
  /** @type {string[][]} */
  const items = [];
  const indent = ITEM.exec(lines[0])[1].length;
  let width = 2;
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item && (item[1].length <= indent || item[1].length < width)) {
      width = item[0].trimEnd().length + 1;
      items.push([line.slice(item[0].length)]);
    } else items[items.length - 1].push(line.replace(new RegExp(`^\\s{0,${width}}`), ""));
  }
  const list = createElement(
    kind,
    ...items.map((item) => {
      const inner = splitBlocks(item).map((one) =>
        one.kind === "text" ? createInline(one.lines.join("\n")) : createBlock(one, depth + 1),
      );
      return createElement("li", ...inner);
    }),
  );
  if (list instanceof HTMLOListElement) list.start = Number.parseInt(lines[0], 10);
  return list;
}

/** @param {string[]} lines */
function createCode(lines) {
  const fence = FENCE.exec(lines[0])[1];
  const isClosed = lines.length > 1 && isClosing(lines[lines.length - 1], fence);
  const code = lines.slice(1, isClosed ? -1 : undefined).join("\n");
  return createElement("pre", createElement("code", code));
}

/**
 * Return a table, also if only a part of its first line is there.
 * @param {string[]} lines
 */
function createTable(lines) {
  const rows = lines.filter((line, place) => place !== 1 || !TABLE_DIVIDER.test(line));
  const [head, ...body] = rows.map((line, place) => {
    const cells = line
      .trim()
      .replace(/^\||\|$/g, "")
      .split(/(?<!\\)\|/);
    const made = cells.map((cell) => createElement(place ? "td" : "th", createInline(cell.trim())));
    return createElement("tr", ...made);
  });
  return createElement("table", createElement("thead", head), createElement("tbody", ...body));
}

/**
 * Return text with its marks as elements.
 * @param {string} text
 */
function createInline(text) {
  const fragment = document.createDocumentFragment();
  let place = 0;
  for (const match of text.matchAll(INLINE)) {
    const [all, code, bold, emphasis, struck, citation, link] = match;
    fragment.append(text.slice(place, match.index));
    if (code) fragment.append(createElement("code", code));
    else if (bold) fragment.append(createElement("strong", createInline(bold)));
    else if (emphasis) fragment.append(createElement("em", createInline(emphasis)));
    else if (struck) fragment.append(createElement("s", createInline(struck)));
    else if (link) fragment.append(link);
    else fragment.append(Object.assign(document.createElement("span"), { className: "cite", textContent: citation }));
    place = match.index + all.length;
  }
  fragment.append(text.slice(place));
  return fragment;
}

/**
 * @param {string} name
 * @param {(string | Node)[]} children
 * @returns {HTMLElement}
 */
function createElement(name, ...children) {
  const element = document.createElement(name);
  element.append(...children);
  return element;
}
