// The chat page: joins what the resident does, what is sent and what is shown.

/** @import { Button, Failure, Lang, Message, Outgoing, Turn } from "./types.js" */

import { SendError, newId, send } from "./api.js";
import { markChosen, transcript } from "./blocks.js";
import { Composer, isComposing } from "./composer.js";
import { copyText, find } from "./dom.js";
import { Furigana } from "./furigana.js";
import { embedded, listenToHost, prefill, tellHost, wantedLang } from "./host.js";
import { Log } from "./log.js";
import { Outbox, claim } from "./outbox.js";
import { Settings, hasSuggestions, wantsFurigana } from "./settings.js";
import { offerListening } from "./speech.js";
import { chosenLang, session, turns as stored } from "./store.js";
import { HTML_LANG, LANGUAGES, STRINGS, bestLang, isLang } from "./strings.js";
import { Suggestions } from "./suggest.js";

/** Pressing a language comes back to the conversation as `lang:en` and the like. */
const LANG_POSTBACK = /^lang:([a-z]{2,4})$/;
/** The button with which a resident has everything erased. */
const ERASE_POSTBACK = "delete:yes";
const LOCATION_TIMEOUT_MS = 10_000;
/** Where the quick exit of the page without a host leads. */
const EXIT = "https://www.pref.tochigi.lg.jp/";

/** @type {Turn[]} */
const turns = stored.get();
/** @type {Set<Turn>} */
const underWay = new Set();
/** @type {Lang} */
let lang = chosenLang.get() ?? bestLang([...(wantedLang ? [wantedLang] : []), ...navigator.languages]);

const strings = () => STRINGS[lang];
const select = /** @type {HTMLSelectElement} */ (find("#language"));
const furigana = new Furigana(() => wantsFurigana(lang));
const log = new Log(find("#log-list"), find("#live"), strings, { press, locate }, shown);
const outbox = new Outbox({
  send: (turn) => send(turn.request ?? { client_id: newId() }, langTag(), wantsFurigana(lang)),
  answered,
  failed,
  stalled: (turn) => log.fail(turn, "offline", () => outbox.resume(), { aloud: turn === [...underWay][0] }),
  resumed: (turn) => log.waiting(turn),
});
const composer = new Composer(
  /** @type {HTMLFormElement} */ (find("#composer")),
  /** @type {HTMLTextAreaElement} */ (find("#input")),
  (text) => say(text, { text }),
  (typed) => suggest(typed),
);
const suggestions = new Suggestions(find("#suggestions"), {
  lang: () => lang,
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
  copy: () => copyText(transcript(turns, strings())),
  restart,
  end: () => say(strings().end, { postback: ERASE_POSTBACK }),
  say: (words) => log.say(words),
  shown: (part) => shown(part),
});

/** The language that goes with each message: the chosen one, else the page's wish, else the browser's. */
function langTag() {
  return chosenLang.get() ?? wantedLang ?? navigator.language ?? lang;
}

/**
 * @param {string} words what the resident sees of it
 * @param {Omit<Outgoing, "client_id">} content
 */
function say(words, content) {
  /** @type {Turn} */
  const turn = { shown: words, request: { client_id: newId(), ...content }, messages: null };
  turns.push(turn);
  suggestions.hide();
  log.add(turn);
  if (turn.request) void claim(turn.request.client_id);
  dispatch(turn);
}

/** @param {Turn} turn */
function dispatch(turn) {
  underWay.add(turn);
  turn.refused = false;
  stored.set(turns);
  outbox.put(turn);
}

/**
 * @param {Turn} turn
 * @param {Message[]} messages
 */
function answered(turn, messages) {
  underWay.delete(turn);
  for (const message of messages) {
    furigana.learn(message.ruby);
    delete message.ruby; // what is known is not stored with every turn
  }
  if (turn.request?.postback === ERASE_POSTBACK) erase(turn);
  turn.request = null;
  turn.messages = messages;
  stored.set(turns);
  log.answer(turn, messages, { aloud: true });
  if (turns.length === 1) suggest("");
}

/**
 * The server has erased what it held of this resident: so does the browser, but for the answer that says so.
 * @param {Turn} turn
 */
function erase(turn) {
  session.set("");
  turns.length = 0;
  find("#exit").hidden = true;
  log.clear(turn);
}

/** Forget the conversation and begin another, as somebody else: the next one at a kiosk may be. */
function restart() {
  outbox.clear();
  underWay.clear();
  session.set("");
  turns.length = 0;
  stored.set(turns);
  find("#exit").hidden = true;
  log.empty();
  composer.fill("");
  say("", {});
  focusInput();
}

/** Leave at once: nothing stays in the browser, and the way back does not lead here. */
function exit() {
  document.body.hidden = true;
  outbox.clear();
  session.set("");
  turns.length = 0;
  stored.set(turns);
  log.empty();
  if (embedded) tellHost("exit");
  else window.location.replace(EXIT);
}

/**
 * @param {Turn} turn
 * @param {unknown} error
 */
function failed(turn, error) {
  underWay.delete(turn);
  /** @type {Failure} */
  const failure = error instanceof SendError ? error.failure : "server";
  // Silence means that the server has seen this id before: only a new one will be answered.
  if (failure === "empty" && turn.request) turn.request = { ...turn.request, client_id: newId() };
  turn.refused = true;
  stored.set(turns);
  log.fail(turn, failure, () => retry(turn));
}

/** @param {Turn} turn */
function retry(turn) {
  log.waiting(turn);
  dispatch(turn);
  focusInput();
}

/**
 * @param {HTMLElement} line
 * @param {Message} [message]
 */
function shown(line, message) {
  void furigana.show(line);
  if (message?.urgent && (message.topic ?? "violence") === "violence") find("#exit").hidden = false;
}

/**
 * @param {Button} button
 * @param {HTMLElement} pressed
 */
function press(button, pressed) {
  if ([...underWay].some((turn) => turn.request?.postback === button.data)) return;
  markChosen(pressed, strings());
  const code = LANG_POSTBACK.exec(button.data)?.[1];
  if (isLang(code)) choose(code);
  say(button.label, { postback: button.data });
  focusInput();
}

/** @param {HTMLElement} pressed */
function locate(pressed) {
  const refuse = () => {
    pressed.parentElement?.querySelector(".refused")?.remove();
    const words = document.createElement("p");
    words.className = "refused";
    words.textContent = strings().notLocated;
    pressed.after(words);
    shown(words);
    log.say(strings().notLocated);
    focusInput();
  };
  if (!navigator.geolocation) return refuse();
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      markChosen(pressed, strings());
      say(strings().located, { location: [coords.latitude, coords.longitude] });
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
  if (typed.trim() || turns.length <= 1) suggestions.update(typed);
  else suggestions.hide();
}

/** @param {Lang} code */
function choose(code) {
  lang = code;
  chosenLang.set(code);
  log.stopReading();
  showLanguage();
}

/** @param {Lang} code */
function speak(code) {
  choose(code);
  say(select.selectedOptions[0].text, { postback: `lang:${code}` });
}

function showFurigana() {
  furigana.hide();
  settings.show(lang);
  void furigana.show(document.body);
}

function showLanguage() {
  const words = strings();
  furigana.hide();
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
  suggestions.hide();
  showFurigana();
}

/** Show the conversation of before; what had not been answered is sent, in order and under its id. */
async function restore() {
  /** @type {Turn[]} */
  const open = [];
  for (const turn of turns) {
    log.add(turn);
    if (turn.messages) log.answer(turn, turn.messages, { aloud: false });
    else if (turn.refused) log.fail(turn, "empty", () => retry(turn), { aloud: false });
    else open.push(turn);
  }
  const mine = await Promise.all(open.map((turn) => claim(turn.request?.client_id ?? "")));
  for (const [at, turn] of open.entries()) {
    if (mine[at]) {
      dispatch(turn);
    } else {
      turns.splice(turns.indexOf(turn), 1);
      log.remove(turn);
    }
  }
}

/** Escape closes the innermost thing that is open. */
function escape() {
  if (settings.open) settings.close();
  else if (suggestions.shown) suggestions.hide();
  else tellHost("close");
}

for (const [code, name] of LANGUAGES) select.add(new Option(name, code));
showLanguage();
select.addEventListener("change", () => {
  if (isLang(select.value)) speak(select.value);
});

const close = find("#close");
close.hidden = !embedded;
close.addEventListener("click", () => tellHost("close"));
find("#exit").addEventListener("click", exit);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isComposing(event)) escape();
});
offerListening(find("#listen"), {
  lang: () => HTML_LANG[lang],
  began: () => log.say(strings().listening),
  heard: (words) => composer.fill(`${composer.text} ${words}`.trim()),
  ended(understood) {
    if (!understood) log.say(strings().notHeard);
    composer.focus();
  },
});

if (prefill) composer.fill(prefill);
const restored = restore();
listenToHost({ open: focusOnOpening, ask: (text) => void restored.then(() => say(text, { text })) });
void restored.then(() => {
  if (turns.length === 0) say("", {});
  tellHost("ready");
});
