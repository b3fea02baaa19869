// Reading aloud and listening, where the browser can. Only voices of the device itself read: no text leaves it.

/** @typedef {{lang: string, interimResults: boolean, start: () => void, stop: () => void,
 *   onresult: ((event: any) => void) | null, onend: (() => void) | null}} Recognition */

/** Kanji with the reading that its author wrote behind it: it is not said twice. */
const GIVEN = /([々〆\u3400-\u9fff])（[ぁ-ゖー]+）/g;

export class Reader {
  #synthesis = "speechSynthesis" in window ? window.speechSynthesis : null;
  /** @type {(() => void) | null} */
  #done = null;
  #turn = 0;

  /** @param {() => void} changed which voices there are has changed */
  constructor(changed) {
    this.#synthesis?.addEventListener?.("voiceschanged", changed);
    window.addEventListener("pagehide", () => this.stop());
  }

  /** @param {string} lang a BCP 47 tag */
  has(lang) {
    return this.#voice(lang) !== undefined;
  }

  /**
   * Read sentence by sentence; what was being read stops. `done` is called at the end or on `stop`.
   * @param {string} words
   * @param {string} lang
   * @param {() => void} done
   */
  read(words, lang, done) {
    this.stop();
    this.#done = done;
    this.#next(sentences(words.replace(GIVEN, "$1"), lang), lang, ++this.#turn);
  }

  stop() {
    this.#turn++;
    this.#synthesis?.cancel();
    const done = this.#done;
    this.#done = null;
    done?.();
  }

  /**
   * @param {string[]} rest
   * @param {string} lang
   * @param {number} turn
   */
  #next(rest, lang, turn) {
    if (turn !== this.#turn) return;
    const [sentence, ...others] = rest;
    if (sentence === undefined || !this.#synthesis) return this.stop();
    const utterance = new SpeechSynthesisUtterance(sentence);
    utterance.lang = lang;
    utterance.voice = this.#voice(lang) ?? null;
    utterance.onend = () => this.#next(others, lang, turn);
    utterance.onerror = () => turn === this.#turn && this.stop();
    this.#synthesis.speak(utterance);
  }

  /** @param {string} lang */
  #voice(lang) {
    const voices = this.#synthesis?.getVoices().filter((voice) => voice.localService) ?? [];
    const tag = (/** @type {string} */ name) => name.toLowerCase().replace("_", "-");
    return (
      voices.find((voice) => tag(voice.lang) === tag(lang)) ??
      voices.find((voice) => tag(voice.lang).split("-")[0] === tag(lang).split("-")[0])
    );
  }
}

/**
 * @param {string} words
 * @param {string} lang
 * @returns {string[]}
 */
export function sentences(words, lang) {
  const parts = words.split("\n").flatMap((line) => {
    if (typeof Intl.Segmenter !== "function") return line;
    return Array.from(new Intl.Segmenter(lang, { granularity: "sentence" }).segment(line), ({ segment }) => segment);
  });
  return parts.map((part) => part.trim()).filter(Boolean);
}

/** @returns {(new () => Recognition) | undefined} */
const recognizer = () => Reflect.get(window, "SpeechRecognition") ?? Reflect.get(window, "webkitSpeechRecognition");

/**
 * Let a button begin and end listening to one utterance; hide it where the browser cannot listen. Nothing is
 * sent: the words are the resident's to check.
 * @param {HTMLElement} button
 * @param {{lang: () => string, began: () => void, heard: (words: string) => void,
 *   ended: (understood: boolean) => void}} on
 */
export function offerListening(button, on) {
  const Made = recognizer();
  button.hidden = typeof Made !== "function";
  /** @type {Recognition | null} */
  let listening = null;
  button.addEventListener("click", () => {
    if (listening) return listening.stop();
    if (!Made) return;
    let understood = false;
    listening = new Made();
    listening.lang = on.lang();
    listening.interimResults = false;
    listening.onresult = (event) => {
      const words = Array.from(event.results, (result) => result[0].transcript).join("").trim();
      understood = words !== "";
      if (understood) on.heard(words);
    };
    listening.onend = () => {
      listening = null;
      button.setAttribute("aria-pressed", "false");
      on.ended(understood);
    };
    listening.start();
    button.setAttribute("aria-pressed", "true");
    on.began();
  });
}
