// The line in which the resident writes, and the questions to choose from above it. These come from the knowledge.

/** @typedef {import("./types.js").Lang} Lang */

import { suggestionsFor } from "./api.js";
import { element } from "./dom.js";

const PAUSE_MS = 250;

export class Composer {
  #input;

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLTextAreaElement} input
   * @param {(text: string) => void} send
   * @param {(text: string) => void} typed what stands in the input has changed
   */
  constructor(form, input, send, typed) {
    this.#input = input;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (text) {
        this.fill("");
        send(text);
      }
      input.focus();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      form.requestSubmit();
    });
    input.addEventListener("input", () => {
      this.#grow();
      typed(input.value);
    });
  }

  get text() {
    return this.#input.value;
  }

  /** @param {string} text */
  fill(text) {
    this.#input.value = text;
    this.#grow();
  }

  focus() {
    this.#input.focus();
  }

  #grow() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight + this.#input.offsetHeight - this.#input.clientHeight}px`;
  }
}

/**
 * Whether a key belongs to an input method that is still choosing characters. Safari ends the composition
 * before the Enter that ends it arrives, and marks that key with 229 only.
 * @param {KeyboardEvent} event
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

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
