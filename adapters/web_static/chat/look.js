// Which language the page speaks, and furigana over what is Japanese in it.

/** @typedef {import("./furigana.js").Furigana} Furigana */
/** @typedef {import("./types.js").Lang} Lang */
/** @typedef {import("./types.js").Message} Message */

import { find } from "./dom.js";
import { wantedLang } from "./host.js";
import { wantsFurigana } from "./settings.js";
import { chosenLang } from "./store.js";
import { HTML_LANG, LANGUAGES, STRINGS, bestLang } from "./strings.js";

/** @type {Lang} */
let lang = chosenLang.get() ?? bestLang([...(wantedLang ? [wantedLang] : []), ...navigator.languages]);
/**
 * Only who switches them on fetches the module.
 * @type {Promise<Furigana> | null}
 */
let furigana = null;

const select = /** @type {HTMLSelectElement} */ (find("#language"));
for (const [code, name] of LANGUAGES) select.add(new Option(name, code));

export const currentLang = () => lang;
export const strings = () => STRINGS[lang];
export const furiganaWanted = () => wantsFurigana(lang);

/** The language that goes with each message: the chosen one, else the page's wish, else the browser's. */
export const langTag = () => chosenLang.get() ?? wantedLang ?? navigator.language ?? lang;

/** @param {Lang} code */
export function remember(code) {
  lang = code;
  chosenLang.set(code);
}

/** Put the words of the language into the page. */
export function translate() {
  const words = strings();
  document.documentElement.lang = HTML_LANG[lang];
  document.documentElement.dataset.lang = lang;
  document.title = words.title;
  select.value = lang;
  for (const one of document.querySelectorAll("[data-words]")) {
    one.textContent = words[/** @type {keyof typeof words} */ (one.getAttribute("data-words"))];
  }
  for (const one of document.querySelectorAll("[data-label]")) {
    one.setAttribute("aria-label", words[/** @type {keyof typeof words} */ (one.getAttribute("data-label"))]);
  }
  find("#input").setAttribute("placeholder", words.placeholder);
}

/** @param {(furigana: Furigana) => void} use called once the module is there; without a network, not at all */
function withFurigana(use) {
  furigana ??= import("./furigana.js").then(({ Furigana }) => new Furigana(furiganaWanted));
  furigana.then(use, () => {
    furigana = null;
  });
}

/** @param {Message["ruby"]} ruby */
export function learn(ruby) {
  if (ruby) withFurigana((furigana) => furigana.learn(ruby));
}

/** @param {Element} part what was put into the page */
export function annotate(part) {
  if (furiganaWanted()) withFurigana((furigana) => void furigana.show(part));
}

/** Take furigana away, as the page changes under them. */
export function bare() {
  if (furigana) withFurigana((furigana) => furigana.hide());
}
