// Turns leave one after another, in the order in which the resident made them. Without a network they wait,
// and leave by themselves, under the same id, when there is one again.

/** @import { Message, Turn } from "./types.js" */

import { SendError } from "./api.js";

const FIRST_RETRY_MS = 3_000;
const LAST_RETRY_MS = 60_000;
const CLAIM_MS = 2_000;

export class Outbox {
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
export function claim(id) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const mine = () => {
      resolve(true);
      return new Promise(() => {});
    };
    // After a reload the browser may need a moment to let go of what the page held before.
    const signal = AbortSignal.timeout(CLAIM_MS);
    navigator.locks.request(`tochimado.turn.${id}`, { signal }, mine).catch(() => resolve(false));
  });
}
