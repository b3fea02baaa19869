// The conversation as it is seen and heard.

/** @typedef {import("./types.js").Failure} Failure */
/** @typedef {import("./types.js").Lang} Lang */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Turn} Turn */
/** @typedef {import("./blocks.js").Actions} Actions */
/** @typedef {import("./strings.js").Strings} Strings */

import { choiceRows, messageAloud, messageParts, messageWords } from "./blocks.js";
import { element, icon, spoken } from "./dom.js";
import { Reader } from "./speech.js";
import { HTML_LANG } from "./strings.js";

const SPOKEN_FOR_MS = 1_000;
const WAITING_SPOKEN_AFTER_MS = 2_500;

export class Log {
  #list;
  #live;
  #strings;
  #actions;
  #reader;
  #shown;
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
   * @param {(line: HTMLElement, message?: Message) => void} shown called with each line that was put into the log
   */
  constructor(list, live, strings, actions, shown) {
    this.#list = list;
    this.#live = live;
    this.#strings = strings;
    this.#actions = actions;
    this.#shown = shown;
    this.#reader = new Reader(() => this.#offerReading());
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
   * @param {{aloud: boolean}} [options]
   */
  fail(turn, failure, retry, options = { aloud: true }) {
    this.#stopWaiting(turn);
    const { status } = this.#of(turn);
    const strings = this.#strings();
    const button = element("button", { type: "button", class: "choice" }, strings.retry);
    button.addEventListener("click", retry);
    status.className = "status failed";
    const words = element("span", {}, strings[failure]);
    status.replaceChildren(
      element("p", {}, icon("alert"), words),
      element("div", { class: "choices" }, button),
    );
    this.#shown(status);
    status.scrollIntoView({ block: "nearest" });
    if (options.aloud) this.say(strings[failure]);
  }

  /**
   * Remove everything but the place where the answer of `turn` will stand.
   * @param {Turn} turn
   */
  clear(turn) {
    const { status } = this.#of(turn);
    this.stopReading();
    this.#lines.set(turn, { first: status, status });
    this.#list.replaceChildren(status);
  }

  /** Remove everything. */
  empty() {
    this.stopReading();
    for (const timer of this.#timers.values()) window.clearTimeout(timer);
    this.#timers.clear();
    this.#lines.clear();
    this.#list.replaceChildren();
  }

  /**
   * Remove a turn that has no answer.
   * @param {Turn} turn
   */
  remove(turn) {
    this.#stopWaiting(turn);
    const { first, status } = this.#of(turn);
    this.#lines.delete(turn);
    first.remove();
    status.remove();
  }

  stopReading() {
    this.#reader.stop();
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
    line.append(this.#readButton(message, line.lang));
    for (const one of lines) this.#shown(one, message);
    return lines;
  }

  /**
   * @param {Message} message
   * @param {string} lang
   */
  #readButton(message, lang) {
    const button = element("button", { type: "button", class: "tool" });
    const show = (/** @type {boolean} */ reading) => {
      const strings = this.#strings();
      button.replaceChildren(icon(reading ? "stop" : "speaker"), element("span", {}, strings[reading ? "stop" : "read"]));
      button.dataset.reading = String(reading);
      // The button speaks the interface's language and not the answer's.
      button.lang = document.documentElement.lang;
      this.#shown(button);
    };
    show(false);
    button.dataset.lang = lang;
    button.hidden = !this.#reader.has(lang);
    button.addEventListener("click", () => {
      if (button.dataset.reading === "true") return this.#reader.stop();
      this.#reader.read(messageAloud(message), lang, () => show(false));
      show(true);
    });
    return button;
  }

  #offerReading() {
    for (const button of this.#list.querySelectorAll("button.tool")) {
      if (button instanceof HTMLElement) button.hidden = !this.#reader.has(button.dataset.lang ?? "");
    }
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
