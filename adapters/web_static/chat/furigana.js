// Furigana over everything Japanese in the page. The server knows the readings; each is asked for once.

import { furiganaOf } from "./api.js";
import { element } from "./dom.js";

const READABLE = /[々〆\u3400-\u9fff]|[1-9]つ/;
/** Where there is none: what the resident wrote, what only screen readers meet, what cannot hold markup. */
const WITHOUT = "ruby, option, textarea, script, style, noscript, .user, .visually-hidden, #live";
const AT_ONCE = 100;

export class Furigana {
  /** @type {Map<string, [string, string][]>} */
  #known = new Map();
  /**
   * What stands in the page in place of a text.
   * @type {Map<HTMLElement, Text>}
   */
  #shown = new Map();
  /** @type {() => boolean} */
  #isOn;

  /** @param {() => boolean} isOn */
  constructor(isOn) {
    this.#isOn = isOn;
  }

  /** @param {{[text: string]: [string, string][]} | undefined} ruby */
  learn(ruby) {
    for (const [text, pairs] of Object.entries(ruby ?? {})) this.#known.set(text, pairs);
  }

  /**
   * Put furigana over the Japanese texts in `root`, if it is switched on; first what is known, then the rest.
   * @param {Element} root
   */
  async show(root) {
    if (!this.#isOn()) return;
    const unknown = this.#annotate(root);
    for (let at = 0; at < unknown.length; at += AT_ONCE) {
      this.learn(await furiganaOf(unknown.slice(at, at + AT_ONCE)));
    }
    if (unknown.length && this.#isOn()) this.#annotate(root);
  }

  /** Take all furigana away. */
  hide() {
    for (const [made, text] of this.#shown) made.replaceWith(text);
    this.#shown.clear();
  }

  /**
   * @param {Element} root
   * @returns {string[]} the texts whose readings are not known yet
   */
  #annotate(root) {
    /** @type {Text[]} */
    const texts = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = /** @type {Text} */ (walker.currentNode);
      if (READABLE.test(text.data) && isJapanese(text)) texts.push(text);
    }
    /** @type {Set<string>} */
    const unknown = new Set();
    for (const text of texts) {
      const pairs = this.#known.get(text.data);
      if (!pairs) unknown.add(text.data);
      else if (pairs.length) this.#replace(text, pairs);
    }
    return [...unknown];
  }

  /**
   * @param {Text} text
   * @param {[string, string][]} pairs
   */
  #replace(text, pairs) {
    const made = element("span", {}, ...pairs.map(([written, reading]) => (reading ? ruby(written, reading) : written)));
    text.replaceWith(made);
    this.#shown.set(made, text);
  }
}

/** @param {Text} text */
function isJapanese(text) {
  const parent = text.parentElement;
  const lang = parent?.closest("[lang]")?.getAttribute("lang") ?? "";
  return lang.startsWith("ja") && !parent?.closest(WITHOUT);
}

/**
 * A screen reader says the kanji and not the reading besides.
 * @param {string} written
 * @param {string} reading
 */
function ruby(written, reading) {
  const silent = { "aria-hidden": "true" };
  return element(
    "ruby",
    {},
    written,
    element("rp", silent, "（"),
    element("rt", silent, reading),
    element("rp", silent, "）"),
  );
}
