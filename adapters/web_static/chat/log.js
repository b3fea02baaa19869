// The conversation as it is seen and heard.

/** @import { Failure, Lang, Message, Turn } from "./types.js" */
/** @import { Actions } from "./blocks.js" */
/** @import { Strings } from "./strings.js" */

import { choiceRows, messageParts, messageWords } from "./blocks.js";
import { element, icon, spoken } from "./dom.js";
import { HTML_LANG } from "./strings.js";

const SPOKEN_FOR_MS = 1_000;
const WAITING_SPOKEN_AFTER_MS = 2_500;

export class Log {
  #list;
  #live;
  #strings;
  #actions;
  /** The first line of a turn, and the line under it that shows waiting or failure. */
  /** @type {Map<Turn, {first: HTMLElement, status: HTMLElement}>} */
  #lines = new Map();
  /** @type {Map<Turn, number>} */
  #timers = new Map();

  /**
   * @param {HTMLElement} list the visible log; it does not speak
   * @param {HTMLElement} live the live region, which is not seen
   * @param {() => Strings} strings
   * @param {Actions} actions
   */
  constructor(list, live, strings, actions) {
    this.#list = list;
    this.#live = live;
    this.#strings = strings;
    this.#actions = actions;
  }

  /**
   * Show what the resident said and that an answer is on its way.
   * @param {Turn} turn
   */
  add(turn) {
    const status = element("li", { class: "status" });
    const first = turn.shown ? this.#line("user", this.#strings().you, element("p", {}, turn.shown)) : status;
    this.#list.append(...new Set([first, status]));
    this.#lines.set(turn, { first, status });
    this.waiting(turn);
  }

  /** @param {Turn} turn */
  waiting(turn) {
    const { status } = this.#of(turn);
    const words = this.#strings().waiting;
    const dots = element("span", { class: "dots", "aria-hidden": "true" }, ...[1, 2, 3].map(() => element("i")));
    status.className = "status";
    status.replaceChildren(dots, spoken(words));
    this.#timers.set(turn, window.setTimeout(() => this.say(words), WAITING_SPOKEN_AFTER_MS));
    status.scrollIntoView({ block: "end" });
  }

  /**
   * @param {Turn} turn
   * @param {Message[]} messages
   * @param {{aloud: boolean}} options
   */
  answer(turn, messages, { aloud }) {
    this.#stopWaiting(turn);
    const { first, status } = this.#of(turn);
    const lines = messages.flatMap((message) => this.#botLines(message));
    status.replaceWith(...lines);
    const top = first === status ? lines[0] : first;
    this.#lines.delete(turn);
    if (!aloud) return;
    // The answer is read from its beginning, however long it is.
    top?.scrollIntoView({ block: "start" });
    for (const message of messages) this.say(messageWords(message, this.#strings()), message.lang);
  }

  /**
   * @param {Turn} turn
   * @param {Failure} failure
   * @param {() => void} retry
   */
  fail(turn, failure, retry) {
    this.#stopWaiting(turn);
    const { status } = this.#of(turn);
    const strings = this.#strings();
    const button = element("button", { type: "button", class: "choice" }, strings.retry);
    button.addEventListener("click", retry);
    status.className = "status failed";
    status.replaceChildren(
      element("p", {}, icon("alert"), strings[failure]),
      element("div", { class: "choices" }, button),
    );
    status.scrollIntoView({ block: "nearest" });
    this.say(strings[failure]);
  }

  /**
   * Remove everything but the place where the answer of `turn` will stand.
   * @param {Turn} turn
   */
  clear(turn) {
    const { status } = this.#of(turn);
    this.#lines.set(turn, { first: status, status });
    this.#list.replaceChildren(status);
  }

  /**
   * Speak through the live region, without moving the focus.
   * @param {string} words
   * @param {Lang} [lang]
   */
  say(words, lang) {
    const line = element("p", lang ? { lang: HTML_LANG[lang] ?? lang } : {}, words);
    this.#live.append(line);
    window.setTimeout(() => line.remove(), SPOKEN_FOR_MS);
  }

  /** @param {Turn} turn */
  #of(turn) {
    const lines = this.#lines.get(turn);
    if (!lines) throw new Error("this turn is not in the log");
    return lines;
  }

  /** @param {Turn} turn */
  #stopWaiting(turn) {
    window.clearTimeout(this.#timers.get(turn));
    this.#timers.delete(turn);
  }

  /** @param {Message} message */
  #botLines(message) {
    const strings = this.#strings();
    const line = this.#line("bot", strings.name, ...messageParts(message, strings, this.#actions));
    if (message.urgent) line.classList.add("urgent");
    const rows = choiceRows(message.quick_replies, strings, this.#actions);
    const lines = rows.length ? [line, element("li", { class: "choice-rows" }, ...rows)] : [line];
    for (const one of lines) one.lang = HTML_LANG[message.lang] ?? "ja";
    return lines;
  }

  /**
   * @param {"user" | "bot"} who
   * @param {string} name
   * @param {...HTMLElement} parts
   */
  #line(who, name, ...parts) {
    const speaker = who === "user" ? spoken(`${name}: `) : element("p", { class: "speaker" }, name);
    return element("li", { class: who }, speaker, element("div", { class: "bubble" }, ...parts));
  }
}
