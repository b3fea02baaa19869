// What was said on both sides: kept, sent, answered, forgotten.

/** @typedef {import("./log.js").Log} Log */
/** @typedef {import("./types.js").Failure} Failure */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Outgoing} Outgoing */
/** @typedef {import("./types.js").Turn} Turn */

import { SendError, newId, send, timeout } from "./api.js";
import { furiganaWanted, langTag, learn } from "./look.js";
import { session, turns as stored } from "./store.js";

/** The button with which a resident has everything erased. */
export const ERASE_POSTBACK = "delete:yes";
const FIRST_RETRY_MS = 3_000;
const LAST_RETRY_MS = 60_000;
const CLAIM_MS = 2_000;

/**
 * `leaving`: a turn is on its way; `answered`: one has its answer; `erased`: nothing is left of what was said;
 * `retried`: the resident has pressed "send again".
 * @typedef {{leaving: () => void, answered: () => void, erased: () => void, retried: () => void}} Told
 */

export class Conversation {
  #turns = stored.get();
  /** @type {Set<Turn>} */
  #underWay = new Set();
  #log;
  #told;
  /** @type {Outbox} */
  #outbox;

  /**
   * @param {Log} log
   * @param {Told} told
   */
  constructor(log, told) {
    this.#log = log;
    this.#told = told;
    this.#outbox = new Outbox({
      send: (turn) => send(turn.request ?? { client_id: newId() }, langTag(), furiganaWanted()),
      answered: (turn, messages) => this.#answered(turn, messages),
      failed: (turn, error) => this.#failed(turn, error),
      stalled: (turn) =>
        log.fail(turn, "offline", () => this.#outbox.resume(), { aloud: turn === [...this.#underWay][0] }),
      resumed: (turn) => log.waiting(turn),
    });
  }

  /** @returns {readonly Turn[]} */
  get turns() {
    return this.#turns;
  }

  /**
   * Whether a button was pressed whose answer is still to come.
   * @param {string} postback
   */
  waitsFor(postback) {
    return [...this.#underWay].some((turn) => turn.request?.postback === postback);
  }

  /**
   * @param {string} words what the resident sees of it
   * @param {Omit<Outgoing, "client_id">} content
   */
  say(words, content) {
    const request = { client_id: newId(), ...content };
    /** @type {Turn} */
    const turn = { shown: words, request, messages: null };
    this.#turns.push(turn);
    this.#told.leaving();
    this.#log.add(turn);
    void claim(request.client_id);
    this.#dispatch(turn);
  }

  /** Forget everything, here and now; nothing is asked of the server. */
  forget() {
    this.#outbox.clear();
    this.#underWay.clear();
    session.set("");
    this.#turns.length = 0;
    stored.set(this.#turns);
    this.#log.empty();
    this.#told.erased();
  }

  /** Show the conversation of before; what had not been answered is sent, in order and under its id. */
  async restore() {
    /** @type {Turn[]} */
    const open = [];
    for (const turn of this.#turns) {
      this.#log.add(turn);
      if (turn.messages) this.#log.answer(turn, turn.messages, { aloud: false });
      else if (turn.refused) this.#log.fail(turn, "empty", () => this.#retry(turn), { aloud: false });
      else open.push(turn);
    }
    const mine = await Promise.all(open.map((turn) => claim(turn.request?.client_id ?? "")));
    for (const [at, turn] of open.entries()) {
      if (mine[at]) {
        this.#dispatch(turn);
      } else {
        this.#turns.splice(this.#turns.indexOf(turn), 1);
        this.#log.remove(turn);
      }
    }
  }

  /** @param {Turn} turn */
  #dispatch(turn) {
    this.#underWay.add(turn);
    turn.refused = false;
    stored.set(this.#turns);
    this.#outbox.put(turn);
  }

  /**
   * @param {Turn} turn
   * @param {Message[]} messages
   */
  #answered(turn, messages) {
    this.#underWay.delete(turn);
    for (const message of messages) {
      learn(message.ruby);
      delete message.ruby; // what is known is not stored with every turn
    }
    if (turn.request?.postback === ERASE_POSTBACK) this.#erase(turn);
    turn.request = null;
    turn.messages = messages;
    stored.set(this.#turns);
    this.#log.answer(turn, messages, { aloud: true });
    this.#told.answered();
  }

  /**
   * The server has erased what it held of this resident: so does the browser, but for the answer that says so.
   * @param {Turn} turn
   */
  #erase(turn) {
    session.set("");
    this.#turns.length = 0;
    this.#log.clear(turn);
    this.#told.erased();
  }

  /**
   * @param {Turn} turn
   * @param {unknown} error
   */
  #failed(turn, error) {
    this.#underWay.delete(turn);
    /** @type {Failure} */
    const failure = error instanceof SendError ? error.failure : "server";
    // Silence means that the server has seen this id before: only a new one will be answered.
    if (failure === "empty" && turn.request) turn.request = { ...turn.request, client_id: newId() };
    turn.refused = true;
    stored.set(this.#turns);
    this.#log.fail(turn, failure, () => this.#retry(turn));
  }

  /** @param {Turn} turn */
  #retry(turn) {
    this.#log.waiting(turn);
    this.#dispatch(turn);
    this.#told.retried();
  }
}

/**
 * Turns leave one after another, in the order in which the resident made them. Without a network they wait,
 * and leave by themselves, under the same id, when there is one again.
 */
class Outbox {
  #running = false;
  #stalled = false;
  #retryMs = FIRST_RETRY_MS;
  #timer = 0;
  /** @type {Turn[]} */
  #waiting = [];
  #on;

  /**
   * @param {{
   *   send: (turn: Turn) => Promise<Message[]>,
   *   answered: (turn: Turn, messages: Message[]) => void,
   *   failed: (turn: Turn, error: unknown) => void,
   *   stalled: (turn: Turn) => void,
   *   resumed: (turn: Turn) => void,
   * }} on `failed`: the turn has left the outbox, `put` tries it again; `stalled`: it waits for the network;
   *   `resumed`: it is on its way again
   */
  constructor(on) {
    this.#on = on;
    window.addEventListener("online", () => this.resume());
  }

  /** @param {Turn} turn */
  put(turn) {
    this.#waiting.push(turn);
    if (this.#stalled) this.#on.stalled(turn);
    else if (!this.#running) void this.#run();
  }

  /** Try again now what waits for the network. */
  resume() {
    if (!this.#stalled) return;
    window.clearTimeout(this.#timer);
    this.#stalled = false;
    for (const turn of this.#waiting) this.#on.resumed(turn);
    void this.#run();
  }

  /** Forget what has not been sent. */
  clear() {
    window.clearTimeout(this.#timer);
    this.#stalled = false;
    this.#waiting.length = 0;
  }

  async #run() {
    this.#running = true;
    while (this.#waiting.length && !this.#stalled) {
      const turn = this.#waiting[0];
      try {
        const messages = await this.#on.send(turn);
        if (this.#left(turn)) this.#on.answered(turn, messages);
      } catch (error) {
        if (error instanceof SendError && error.failure === "offline") this.#stall();
        else if (this.#left(turn)) this.#on.failed(turn, error);
      }
    }
    this.#running = false;
  }

  /**
   * Take the turn out; false if it was forgotten meanwhile.
   * @param {Turn} turn
   */
  #left(turn) {
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#waiting[0] !== turn) return false;
    this.#waiting.shift();
    return true;
  }

  #stall() {
    if (!this.#waiting.length) return;
    this.#stalled = true;
    for (const turn of this.#waiting) this.#on.stalled(turn);
    this.#timer = window.setTimeout(() => this.resume(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}

/**
 * Hold a turn as this tab's own. A copy of the tab has the same turns and must not send them too: false there.
 * The browser lets go of it when the tab is left.
 * @param {string} id
 * @returns {Promise<boolean>}
 */
function claim(id) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const mine = () => {
      resolve(true);
      return new Promise(() => {});
    };
    // After a reload the browser may need a moment to let go of what the page held before.
    const signal = timeout(CLAIM_MS);
    navigator.locks.request(`tochimado.turn.${id}`, { signal }, mine).catch(() => resolve(false));
  });
}
