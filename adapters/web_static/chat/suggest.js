// Questions to choose from: at the beginning, and while the resident writes. They come from the knowledge.

/** @import { Lang } from "./types.js" */

import { suggestionsFor } from "./api.js";
import { element } from "./dom.js";

const PAUSE_MS = 250;

export class Suggestions {
  #place;
  #lang;
  #choose;
  #on;
  #timer = 0;
  #asked = new AbortController();
  /** @type {Map<string, string[]>} */
  #known = new Map();

  /**
   * @param {HTMLElement} place
   * @param {{lang: () => Lang, choose: (text: string) => void, shown: (place: HTMLElement, first: boolean) => void}} on
   */
  constructor(place, { lang, choose, shown }) {
    this.#place = place;
    this.#lang = lang;
    this.#choose = choose;
    this.#on = shown;
  }

  get shown() {
    return !this.#place.hidden;
  }

  /**
   * Show what completes `typed`, after a pause in typing.
   * @param {string} typed
   */
  update(typed) {
    this.cancel();
    this.#timer = window.setTimeout(() => void this.#ask(typed.trim()), PAUSE_MS);
  }

  cancel() {
    window.clearTimeout(this.#timer);
    this.#asked.abort();
  }

  hide() {
    this.cancel();
    this.#place.hidden = true;
    this.#place.replaceChildren();
  }

  /** @param {string} typed */
  async #ask(typed) {
    const asked = new AbortController();
    this.#asked = asked;
    const key = `${this.#lang()} ${typed}`;
    const found = this.#known.get(key) ?? (await suggestionsFor(typed, this.#lang(), asked.signal));
    if (asked.signal.aborted) return;
    this.#known.set(key, found);
    this.#show(found.filter((text) => text !== typed));
  }

  /** @param {string[]} found */
  #show(found) {
    const before = this.shown;
    this.#place.hidden = found.length === 0;
    this.#place.replaceChildren(
      ...found.map((text) => {
        const made = element("button", { type: "button", class: "choice suggestion" }, element("span", {}, text));
        made.addEventListener("click", () => this.#choose(text));
        return made;
      }),
    );
    if (found.length) this.#on(this.#place, !before);
  }
}
