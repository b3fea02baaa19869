// The HTTP API: one request a turn.

/** @typedef {import("./types.js").Failure} Failure */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Outgoing} Outgoing */

import { session } from "./store.js";

const TIMEOUT_MS = 20_000;
const TOKEN_MS = 500;
const FIRST = "tochimado.session";
const API = new URL("../../api/v1/", import.meta.url);

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
 * @param {boolean} furigana
 * @returns {Promise<Message[]>}
 */
export async function send(outgoing, lang, furigana) {
  const sent = () => sendNow(outgoing, lang, furigana);
  if (session.get() || !navigator.locks) return sent();
  // Two tabs that begin at once must become one resident: the second waits for the first one's token.
  const first = await navigator.locks.request(FIRST, { ifAvailable: true }, (lock) => lock && sent());
  if (first) return first;
  await navigator.locks.request(FIRST, () => {});
  await tokenOfAnotherTab();
  return sent();
}

/** What one tab has stored reaches another a moment later. */
function tokenOfAnotherTab() {
  return new Promise((resolve) => {
    const stop = timeout(TOKEN_MS);
    stop.addEventListener("abort", resolve);
    window.addEventListener("storage", () => session.get() && resolve(null), { signal: stop });
    if (session.get()) resolve(null);
  });
}

/**
 * @param {Outgoing} outgoing
 * @param {string} lang
 * @param {boolean} furigana
 * @returns {Promise<Message[]>}
 */
async function sendNow(outgoing, lang, furigana) {
  const token = session.get();
  const body = { ...outgoing, lang, ...(token ? { session: token } : {}), ...(furigana ? { furigana } : {}) };
  const { response, answer } = await exchange("messages", body);
  if (!response.ok) throw new SendError(BY_STATUS[response.status] ?? "server");
  if (typeof answer?.session !== "string" || !Array.isArray(answer.messages)) throw new SendError("server");
  session.set(answer.session);
  if (answer.messages.length === 0) throw new SendError("empty");
  return answer.messages;
}

/**
 * Return furigana by text for `texts`; nothing where there is none to be had. Never throws.
 * @param {string[]} texts
 * @returns {Promise<{[text: string]: [string, string][]}>}
 */
export async function furiganaOf(texts) {
  try {
    const { response, answer } = await exchange("furigana", { texts });
    return response.ok && answer?.ruby ? answer.ruby : {};
  } catch {
    return {};
  }
}

/**
 * Return questions of the knowledge that complete `q`. Never throws.
 * @param {string} q
 * @param {string} lang
 * @param {AbortSignal} signal
 * @returns {Promise<string[]>}
 */
export async function suggestionsFor(q, lang, signal) {
  try {
    const { response, answer } = await exchange("suggest", { q, lang }, signal);
    return response.ok && Array.isArray(answer?.suggestions) ? answer.suggestions.map(String) : [];
  } catch {
    return [];
  }
}

/**
 * @param {string} path
 * @param {object} body
 * @param {AbortSignal} [signal]
 */
async function exchange(path, body, signal = timeout(TIMEOUT_MS)) {
  try {
    const response = await fetch(new URL(path, API), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal,
    });
    return { response, answer: await response.json().catch(() => null) };
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new SendError(late ? "timeout" : "offline");
  }
}

/**
 * A signal that aborts by itself, also where the browser is too old for `AbortSignal.timeout`.
 * @param {number} milliseconds
 */
export function timeout(milliseconds) {
  const controller = new AbortController();
  window.setTimeout(() => controller.abort(new DOMException("too late", "TimeoutError")), milliseconds);
  return controller.signal;
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
