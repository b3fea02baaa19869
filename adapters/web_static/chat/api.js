// The HTTP API: one request a turn.

/** @import { Failure, Message, Outgoing } from "./types.js" */

import { session } from "./store.js";

const TIMEOUT_MS = 20_000;
const ENDPOINT = new URL("../../api/v1/messages", import.meta.url);

/** @type {{[status: number]: Failure}} */
const BY_STATUS = { 413: "tooLong", 429: "busy", 503: "busy" };

/** No answer: `failure` says why, in the terms of the interface. */
export class SendError extends Error {
  /** @param {Failure} failure */
  constructor(failure) {
    super(failure);
    this.failure = failure;
  }
}

/**
 * Send one turn and return its answer. Throws `SendError`.
 * @param {Outgoing} outgoing
 * @param {string} lang the language that the resident reads, as a BCP 47 tag or one of ours
 * @returns {Promise<Message[]>}
 */
export async function send(outgoing, lang) {
  const token = session.get();
  const body = { ...outgoing, lang, ...(token ? { session: token } : {}) };
  const { response, answer } = await exchange(JSON.stringify(body));
  if (!response.ok) throw new SendError(BY_STATUS[response.status] ?? "server");
  if (typeof answer?.session !== "string" || !Array.isArray(answer.messages)) throw new SendError("server");
  session.set(answer.session);
  if (answer.messages.length === 0) throw new SendError("empty");
  return answer.messages;
}

/** @param {string} body */
async function exchange(body) {
  try {
    const response = await fetch(ENDPOINT, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { response, answer: await response.json().catch(() => null) };
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new SendError(late ? "timeout" : "offline");
  }
}

/** A random UUID (version 4), also where the page has no secure context. */
export function newId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
