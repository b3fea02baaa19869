// The chat page: joins what the resident does, what is sent and what is shown.

/** @import { Button, Failure, Lang, Message, Outgoing, Turn } from "./types.js" */

import { SendError, newId, send } from "./api.js";
import { markChosen } from "./blocks.js";
import { Composer, isComposing } from "./composer.js";
import { find } from "./dom.js";
import { embedded, listenToHost, prefill, tellHost, wantedLang } from "./host.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { chosenLang, session, turns as stored } from "./store.js";
import { HTML_LANG, LANGUAGES, STRINGS, bestLang, isLang } from "./strings.js";

/** Pressing a language comes back to the conversation as `lang:en` and the like. */
const LANG_POSTBACK = /^lang:([a-z]{2,4})$/;
/** The button with which a resident has everything erased. */
const ERASE_POSTBACK = "delete:yes";
const LOCATION_TIMEOUT_MS = 10_000;

/** @type {Turn[]} */
const turns = stored.get();
/** @type {Set<Turn>} */
const underWay = new Set();
/** @type {Lang} */
let lang = chosenLang.get() ?? bestLang([...(wantedLang ? [wantedLang] : []), ...navigator.languages]);

const strings = () => STRINGS[lang];
const select = /** @type {HTMLSelectElement} */ (find("#language"));
const log = new Log(find("#log-list"), find("#live"), strings, { press, locate });
const outbox = new Outbox((turn) => send(turn.request ?? { client_id: newId() }, langTag()), answered, failed);
const composer = new Composer(
  /** @type {HTMLFormElement} */ (find("#composer")),
  /** @type {HTMLTextAreaElement} */ (find("#input")),
  (text) => say(text, { text }),
);

/** The language that goes with each message: the chosen one, else the page's wish, else the browser's. */
function langTag() {
  return chosenLang.get() ?? wantedLang ?? navigator.language ?? lang;
}

/**
 * @param {string} shown
 * @param {Omit<Outgoing, "client_id">} content
 */
function say(shown, content) {
  /** @type {Turn} */
  const turn = { shown, request: { client_id: newId(), ...content }, messages: null };
  turns.push(turn);
  log.add(turn);
  dispatch(turn);
}

/** @param {Turn} turn */
function dispatch(turn) {
  underWay.add(turn);
  stored.set(turns);
  outbox.put(turn);
}

/**
 * @param {Turn} turn
 * @param {Message[]} messages
 */
function answered(turn, messages) {
  underWay.delete(turn);
  if (turn.request?.postback === ERASE_POSTBACK) erase(turn);
  turn.request = null;
  turn.messages = messages;
  stored.set(turns);
  log.answer(turn, messages, { aloud: true });
}

/**
 * The server has erased what it held of this resident: so does the browser, but for the answer that says so.
 * @param {Turn} turn
 */
function erase(turn) {
  session.set("");
  turns.length = 0;
  log.clear(turn);
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
  log.fail(turn, failure, () => retry(turn));
}

/** @param {Turn} turn */
function retry(turn) {
  log.waiting(turn);
  dispatch(turn);
  focusInput();
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
  const sorry = () => log.say(strings().notLocated);
  const refuse = () => {
    pressed.parentElement?.querySelector(".refused")?.remove();
    const words = document.createElement("p");
    words.className = "refused";
    words.textContent = strings().notLocated;
    pressed.after(words);
    sorry();
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

/** @param {Lang} code */
function choose(code) {
  lang = code;
  chosenLang.set(code);
  showLanguage();
}

function showLanguage() {
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

function restore() {
  for (const turn of turns) {
    log.add(turn);
    if (turn.messages) log.answer(turn, turn.messages, { aloud: false });
    else log.fail(turn, "empty", () => retry(turn));
  }
}

for (const [code, name] of LANGUAGES) select.add(new Option(name, code));
showLanguage();
select.addEventListener("change", () => {
  if (!isLang(select.value)) return;
  choose(select.value);
  say(select.selectedOptions[0].text, { postback: `lang:${lang}` });
});

const close = find("#close");
close.hidden = !embedded;
close.addEventListener("click", () => tellHost("close"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isComposing(event)) tellHost("close");
});

restore();
if (turns.length === 0) say("", {});
if (prefill) composer.fill(prefill);
listenToHost({ open: focusOnOpening, ask: (text) => say(text, { text }) });
tellHost("ready");
