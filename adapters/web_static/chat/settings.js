// The panel of switches: furigana, easy Japanese, text size; copy, print, start again, end.

/** @typedef {import("./types.js").Lang} Lang */
/** @typedef {import("./strings.js").Strings} Strings */

import { find } from "./dom.js";
import { choice } from "./store.js";

const SIZES = ["normal", "large", "larger"];

/** Whether the server has furigana and suggestions to give. */
const FEATURES = (document.documentElement.dataset.features ?? "").split(" ");
export const hasSuggestions = FEATURES.includes("suggest");
const hasFurigana = FEATURES.includes("furigana");

/**
 * Whether the resident wants furigana, and the language is one that has it.
 * @param {Lang} lang
 */
export const wantsFurigana = (lang) => hasFurigana && isJapanese(lang) && choice.get("furigana") === "on";

/** @param {Lang} lang */
const isJapanese = (lang) => lang === "ja" || lang === "easy";

/**
 * What the panel does.
 * @typedef {{
 *   strings: () => Strings, furigana: () => void, easy: (on: boolean) => void,
 *   copy: () => Promise<void>, restart: () => void, end: () => void, say: (words: string) => void,
 *   shown: (part: HTMLElement) => void,
 * }} Doings
 */

export class Settings {
  #panel = find("#settings");
  #opener = find("#settings-open");
  #question = find("#question");
  #done = find("#done");
  #doings;
  /** @type {() => void} */
  #agreed = () => {};

  /** @param {Doings} doings */
  constructor(doings) {
    this.#doings = doings;
    this.#opener.addEventListener("click", () => this.#toggle(this.#panel.hidden));
    const furigana = box("furigana");
    furigana.checked = choice.get("furigana") === "on";
    furigana.addEventListener("change", () => {
      choice.set("furigana", furigana.checked ? "on" : "off");
      showFurigana(furigana.checked);
      doings.furigana();
    });
    const easy = box("easy");
    easy.addEventListener("change", () => doings.easy(easy.checked));
    for (const size of SIZES) {
      const radio = box(`size-${size}`);
      radio.checked = size === (SIZES.includes(choice.get("size")) ? choice.get("size") : SIZES[0]);
      if (radio.checked) document.documentElement.dataset.size = size;
      radio.addEventListener("change", () => {
        choice.set("size", size);
        document.documentElement.dataset.size = size;
      });
    }
    find("#copy").addEventListener("click", () => void this.#copy());
    find("#print").addEventListener("click", () => window.print());
    find("#restart").addEventListener("click", () => this.#ask("restartAsk", doings.restart));
    find("#end").addEventListener("click", () => this.#ask("endAsk", doings.end));
    find("#yes").addEventListener("click", () => {
      this.close();
      this.#agreed();
    });
    find("#no").addEventListener("click", () => this.#answered(find("#restart")));
  }

  get open() {
    return !this.#panel.hidden;
  }

  /** @param {Lang} lang */
  show(lang) {
    find("#furigana-row").hidden = !hasFurigana || !isJapanese(lang);
    find("#easy-row").hidden = !isJapanese(lang);
    box("easy").checked = lang === "easy";
    showFurigana(wantsFurigana(lang));
    this.#done.textContent = "";
  }

  /** Close the panel; the focus goes back to the button that opened it. */
  close() {
    this.#toggle(false);
    this.#opener.focus();
  }

  /** @param {boolean} open */
  #toggle(open) {
    this.#panel.hidden = !open;
    this.#question.hidden = true;
    this.#done.textContent = "";
    this.#opener.setAttribute("aria-expanded", String(open));
  }

  /**
   * A frame of another origin may not ask by `confirm()`.
   * @param {"restartAsk" | "endAsk"} words
   * @param {() => void} agreed
   */
  #ask(words, agreed) {
    this.#agreed = agreed;
    find("#question-words").textContent = this.#doings.strings()[words];
    this.#question.hidden = false;
    this.#doings.shown(this.#question);
    find("#yes").focus();
  }

  /** @param {HTMLElement} next */
  #answered(next) {
    this.#question.hidden = true;
    next.focus();
  }

  async #copy() {
    const strings = this.#doings.strings();
    const words = await this.#doings.copy().then(
      () => strings.copied,
      () => strings.notCopied,
    );
    this.#done.textContent = words;
    this.#doings.say(words);
  }
}

/** @param {boolean} on */
function showFurigana(on) {
  document.documentElement.toggleAttribute("data-furigana", on);
}

/** @param {string} id */
function box(id) {
  return /** @type {HTMLInputElement} */ (find(`#${id}`));
}
