// From the blocks of a message to elements, and to words for the live region.

/** @typedef {import("./types.js").Block} Block */
/** @typedef {import("./types.js").Button} Button */
/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Link} Link */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Phone} Phone */
/** @typedef {import("./types.js").Turn} Turn */
/** @typedef {import("./strings.js").Strings} Strings */

import { element, icon, spoken } from "./dom.js";

/**
 * What a message's controls do.
 * @typedef {{press: (button: Button, pressed: HTMLElement) => void, locate: (pressed: HTMLElement) => void}} Actions
 */

/**
 * @param {Message} message
 * @param {Strings} strings
 * @param {Actions} actions
 * @returns {HTMLElement[]}
 */
export function messageParts(message, strings, actions) {
  const parts = message.blocks.flatMap((block) => blockParts(block, strings, actions));
  if (message.urgent) parts.unshift(element("p", { class: "urgent-label" }, icon("alert"), strings.urgent));
  return parts;
}

/**
 * The quick replies of a message, one row for each run of buttons of the same group.
 * @param {Button[]} buttons
 * @param {Strings} strings
 * @param {Actions} actions
 */
export function choiceRows(buttons, strings, actions) {
  /** @type {HTMLElement[]} */
  const rows = [];
  for (const button of buttons) {
    let row = rows.at(-1);
    if (!row || row.dataset.group !== button.group) {
      row = element("div", { class: "choices", role: "group", "aria-label": strings.choices });
      row.dataset.group = button.group;
      rows.push(row);
    }
    row.append(choice(button, actions));
  }
  return rows;
}

/**
 * Show that a button was pressed. It stays, and can be pressed again.
 * @param {HTMLElement} pressed
 * @param {Strings} strings
 */
export function markChosen(pressed, strings) {
  if (pressed.classList.contains("chosen")) return;
  pressed.classList.add("chosen");
  pressed.prepend(icon("check"));
  pressed.append(spoken(` (${strings.chosen})`));
}

/**
 * A message in one breath, for the live region.
 * @param {Message} message
 * @param {Strings} strings
 */
export function messageWords(message, strings) {
  const words = message.blocks.map(blockWords);
  if (message.urgent) words.unshift(strings.urgent);
  if (message.quick_replies.length) {
    words.push(`${strings.choices}: ${message.quick_replies.map((button) => button.label).join(", ")}`);
  }
  return words.join("\n");
}

/**
 * A message as it is read aloud: without the buttons.
 * @param {Message} message
 */
export function messageAloud(message) {
  return message.blocks.map(blockWords).join("\n");
}

/**
 * A message as text to keep: with the addresses of its links.
 * @param {Message} message
 */
function messageText(message) {
  const links = (/** @type {Link[]} */ items) => items.map((item) => `${item.title} ${item.url}`.trim());
  const phone = (/** @type {Phone} */ one) => [one.label, one.number, one.hours, one.note].filter(Boolean).join(" ");
  const texts = message.blocks.map((block) => {
    if (block.type === "links") return links(block.items).join("\n");
    if (block.type !== "cards") return blockWords(block);
    const cards = block.items.map((item) => [
      item.title,
      item.text,
      ...(item.phone ? [phone(item.phone)] : []),
      ...links(item.links),
    ]);
    return cards.map((lines) => lines.filter(Boolean).join("\n")).join("\n\n");
  });
  return texts.filter(Boolean).join("\n");
}

/**
 * The conversation as plain text, to keep or to hand on.
 * @param {readonly Turn[]} turns
 * @param {Strings} strings
 */
export function transcript(turns, strings) {
  const parts = turns.flatMap((turn) => [
    ...(turn.shown ? [`${strings.you}: ${turn.shown}`] : []),
    ...(turn.messages ?? []).map((message) => `${strings.name}: ${messageText(message)}`),
  ]);
  return parts.join("\n\n");
}

/** @param {Block} block */
function blockWords(block) {
  switch (block.type) {
    case "text":
    case "location_request":
      return block.text;
    case "phones":
      return block.items.map((phone) => `${phone.label} ${phone.number} ${phone.hours} ${phone.note}`).join("\n");
    case "links":
      return block.items.map((link) => link.title).join("\n");
    case "cards":
      return block.items.map((card) => `${card.title} ${card.text}`).join("\n");
    default:
      return "";
  }
}

/**
 * @param {Block} block
 * @param {Strings} strings
 * @param {Actions} actions
 * @returns {HTMLElement[]}
 */
function blockParts(block, strings, actions) {
  switch (block.type) {
    case "text":
      if (block.role === "title") return [element("h2", { class: "title" }, block.text)];
      return [element("div", { class: `text ${block.role}` }, ...paragraphs(block.text))];
    case "phones":
      return [list("phones", strings.phones, block.items.map(phoneLine))];
    case "links":
      return [list("links", strings.links, block.items.map((item) => link(item, strings)))];
    case "cards":
      return [list("cards", "", block.items.map((item) => card(item, strings, actions)))];
    case "location_request":
      return [element("div", { class: "text" }, ...paragraphs(block.text)), locationButton(block.label, actions)];
    default:
      return []; // a kind of block that is newer than this page
  }
}

const BULLET = /^[・•]\s*/;
const STEP = /^(\d{1,2})[.．]\s*/;

/**
 * Paragraphs, steps (`1. `) and bullets (`・`) of a plain text.
 * @param {string} text
 * @returns {HTMLElement[]}
 */
function paragraphs(text) {
  /** @type {HTMLElement[]} */
  const parts = [];
  let kind = "";
  for (const line of text.split(/\r?\n/)) {
    const before = kind;
    const step = STEP.exec(line);
    kind = line.trim() === "" ? "" : BULLET.test(line) ? "ul" : step ? "ol" : "p";
    if (kind === "") continue;
    if (kind !== before) {
      const part = document.createElement(kind);
      if (part instanceof HTMLOListElement && step) part.start = Number(step[1]);
      parts.push(part);
    } else if (kind === "p") {
      parts.at(-1)?.append(element("br"));
    }
    parts.at(-1)?.append(kind === "p" ? line : element("li", {}, line.replace(kind === "ul" ? BULLET : STEP, "")));
  }
  return parts;
}

/**
 * @param {string} name
 * @param {string} label
 * @param {HTMLElement[]} items
 */
function list(name, label, items) {
  const made = element("ul", { class: name, role: "list" }, ...items.map((item) => element("li", {}, item)));
  if (label) made.setAttribute("aria-label", label);
  return made;
}

/** @param {Phone} phone */
function phoneLine(phone) {
  const words = element("span", { class: "phone-words" });
  if (phone.label) words.append(element("span", { class: "phone-label" }, phone.label));
  words.append(" ", element("span", { class: "phone-number" }, phone.number));
  for (const detail of [phone.hours, phone.note]) {
    if (detail) words.append(" ", element("span", { class: "phone-detail" }, detail));
  }
  if (!/^tel:[0-9+*#%A-Za-z.-]+$/.test(phone.dial)) return element("span", { class: "phone" }, words);
  return element("a", { class: "phone", href: phone.dial }, icon("phone"), words);
}

/**
 * @param {Link} item
 * @param {Strings} strings
 */
function link(item, strings) {
  const words = item.title || item.url;
  if (!isWeb(item.url)) return element("span", {}, words);
  return element(
    "a",
    { class: "link", href: item.url, target: "_blank", rel: "noopener noreferrer" },
    element("span", {}, words),
    icon("newTab"),
    spoken(` (${strings.newTab})`),
  );
}

/** @param {string} url */
function isWeb(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

/**
 * @param {Card} item
 * @param {Strings} strings
 * @param {Actions} actions
 */
function card(item, strings, actions) {
  const made = element("article", { class: "card" }, element("h3", {}, item.title));
  if (item.text) made.append(element("div", { class: "text" }, ...paragraphs(item.text)));
  if (item.phone) made.append(phoneLine(item.phone));
  if (item.links.length) made.append(list("links", "", item.links.map((one) => link(one, strings))));
  if (item.buttons.length) {
    made.append(element("div", { class: "choices" }, ...item.buttons.map((one) => choice(one, actions))));
  }
  return made;
}

/**
 * @param {Button} button
 * @param {Actions} actions
 */
function choice(button, actions) {
  const made = element("button", { type: "button", class: "choice" }, element("span", {}, button.label));
  made.addEventListener("click", () => actions.press(button, made));
  return made;
}

/**
 * @param {string} label
 * @param {Actions} actions
 */
function locationButton(label, actions) {
  const made = element("button", { type: "button", class: "choice" }, icon("place"), element("span", {}, label));
  made.addEventListener("click", () => actions.locate(made));
  return element("div", { class: "choices" }, made);
}
