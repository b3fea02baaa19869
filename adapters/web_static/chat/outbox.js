// Turns leave one after another, in the order in which the resident made them.

/** @import { Message, Turn } from "./types.js" */

export class Outbox {
  #running = false;
  /** @type {Turn[]} */
  #waiting = [];
  #send;
  #answered;
  #failed;

  /**
   * @param {(turn: Turn) => Promise<Message[]>} send
   * @param {(turn: Turn, messages: Message[]) => void} answered
   * @param {(turn: Turn, error: unknown) => void} failed the turn has left the outbox; `put` tries it again
   */
  constructor(send, answered, failed) {
    this.#send = send;
    this.#answered = answered;
    this.#failed = failed;
  }

  /** @param {Turn} turn */
  put(turn) {
    this.#waiting.push(turn);
    if (!this.#running) void this.#run();
  }

  async #run() {
    this.#running = true;
    for (let turn = this.#waiting.shift(); turn; turn = this.#waiting.shift()) {
      try {
        this.#answered(turn, await this.#send(turn));
      } catch (error) {
        this.#failed(turn, error);
      }
    }
    this.#running = false;
  }
}
