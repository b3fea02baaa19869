// The chat page: joins what the resident does, what is sent and what is shown.

/** @typedef {import("./types.js").Button} Button */
/** @typedef {import("./types.js").Lang} Lang */
/** @typedef {import("./types.js").Message} Message */

import { markChosen, transcript } from "./blocks.js";
import { Conversation, ERASE_POSTBACK } from "./conversation.js";
import { copyText, element, find } from "./dom.js";
import { embedded, listenToHost, prefill, tellHost } from "./host.js";
import { Log } from "./log.js";
import { annotate, bare, currentLang, remember, strings, translate } from "./look.js";
import { Settings, hasSuggestions } from "./settings.js";
import { offerListening } from "./speech.js";
import { HTML_LANG, isLang } from "./strings.js";
import { Composer, Suggestions, isComposing } from "./writing.js";

/** Pressing a language comes back to the conversation as `lang:en` and the like. */
const LANG_POSTBACK = /^lang:([a-z]{2,4})$/;
const LOCATION_TIMEOUT_MS = 10_000;
/** Where the quick exit of the page without a host leads. */
const EXIT = "https://www.pref.tochigi.lg.jp/";

const quickExit = find("#exit");
const select = /** @type {HTMLSelectElement} */ (find("#language"));
const log = new Log(find("#log-list"), find("#live"), strings, { press, locate }, shown);
const conversation = new Conversation(log, {
  leaving: () => suggestions.hide(),
  answered() {
    if (conversation.turns.length === 1) suggest("");
  },
  erased() {
    quickExit.hidden = true;
  },
  retried: focusInput,
});
const composer = new Composer(
  /** @type {HTMLFormElement} */ (find("#composer")),
  /** @type {HTMLTextAreaElement} */ (find("#input")),
  (text) => conversation.say(text, { text }),
  (typed) => suggest(typed),
);
const suggestions = new Suggestions(find("#suggestions"), {
  lang: currentLang,
  choose(text) {
    composer.fill(text);
    suggestions.hide();
    composer.focus();
  },
  shown(place, first) {
    shown(place);
    if (first) log.say(strings().suggested);
  },
});
const settings = new Settings({
  strings,
  furigana: showFurigana,
  easy: (on) => speak(on ? "easy" : "ja"),
  copy: () => copyText(transcript(conversation.turns, strings())),
  restart,
  end: () => conversation.say(strings().end, { postback: ERASE_POSTBACK }),
  say: (words) => log.say(words),
  shown: (part) => shown(part),
});

/** Forget the conversation and begin another, as somebody else: the next one at a kiosk may be. */
function restart() {
  conversation.forget();
  composer.fill("");
  conversation.say("", {});
  focusInput();
}

/** Leave at once: nothing stays in the browser, and the way back does not lead here. */
function exit() {
  document.body.hidden = true;
  conversation.forget();
  if (embedded) tellHost("exit");
  else window.location.replace(EXIT);
}

/**
 * @param {HTMLElement} line
 * @param {Message} [message]
 */
function shown(line, message) {
  annotate(line);
  if (message?.topic === "violence") quickExit.hidden = false;
}

/**
 * @param {Button} button
 * @param {HTMLElement} pressed
 */
function press(button, pressed) {
  if (conversation.waitsFor(button.data)) return;
  markChosen(pressed, strings());
  const code = LANG_POSTBACK.exec(button.data)?.[1];
  if (isLang(code)) choose(code);
  conversation.say(button.label, { postback: button.data });
  focusInput();
}

/** @param {HTMLElement} pressed */
function locate(pressed) {
  const refuse = () => {
    pressed.parentElement?.querySelector(".refused")?.remove();
    const words = element("p", { class: "refused" }, strings().notLocated);
    pressed.after(words);
    shown(words);
    log.say(strings().notLocated);
    focusInput();
  };
  if (!navigator.geolocation) return refuse();
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      markChosen(pressed, strings());
      conversation.say(strings().located, { location: [coords.latitude, coords.longitude] });
    },
    refuse,
    { timeout: LOCATION_TIMEOUT_MS, maximumAge: 60_000 },
  );
}

/** The focus goes to the input, but not where that would raise a keyboard over the answer. */
function focusInput() {
  if (window.matchMedia("(pointer: fine)").matches) composer.focus();
}

function focusOnOpening() {
  if (window.matchMedia("(pointer: fine)").matches) composer.focus();
  else find("#name").focus();
}

/** @param {string} typed */
function suggest(typed) {
  if (!hasSuggestions) return;
  // At the beginning what others ask; later only what completes what is being written.
  if (typed.trim() || conversation.turns.length <= 1) suggestions.update(typed);
  else suggestions.hide();
}

/** @param {Lang} code */
function choose(code) {
  remember(code);
  log.stopReading();
  showLanguage();
}

/** @param {Lang} code */
function speak(code) {
  choose(code);
  conversation.say(select.selectedOptions[0].text, { postback: `lang:${code}` });
}

function showFurigana() {
  bare();
  settings.show(currentLang());
  annotate(document.body);
}

function showLanguage() {
  translate();
  suggestions.hide();
  showFurigana();
}

/** Escape closes the innermost thing that is open. */
function escape() {
  if (settings.open) settings.close();
  else if (suggestions.shown) suggestions.hide();
  else tellHost("close");
}

showLanguage();
select.addEventListener("change", () => {
  if (isLang(select.value)) speak(select.value);
});

const close = find("#close");
close.hidden = !embedded;
close.addEventListener("click", () => tellHost("close"));
quickExit.addEventListener("click", exit);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isComposing(event)) escape();
});
offerListening(find("#listen"), {
  lang: () => HTML_LANG[currentLang()],
  began: () => log.say(strings().listening),
  heard: (words) => composer.fill(`${composer.text} ${words}`.trim()),
  ended(understood) {
    if (!understood) log.say(strings().notHeard);
    composer.focus();
  },
});

if (prefill) composer.fill(prefill);
const restored = conversation.restore();
listenToHost({ open: focusOnOpening, ask: (text) => void restored.then(() => conversation.say(text, { text })) });
void restored.then(() => {
  if (conversation.turns.length === 0) conversation.say("", {});
  tellHost("ready");
});
