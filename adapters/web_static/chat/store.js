// What the chat remembers in the browser: no cookies, and nothing on the host page.
// Where the browser forbids storage, it remembers until the page is left.

/** @typedef {import("./types.js").Lang} Lang */
/** @typedef {import("./types.js").Turn} Turn */

import { isLang } from "./strings.js";

const SESSION = "tochimado.session";
const LANG = "tochimado.lang";
const TURNS = "tochimado.turns";
const TURNS_KEPT = 40;

/** @type {Map<string, string>} */
const memory = new Map();

/**
 * @param {"localStorage" | "sessionStorage"} where
 * @param {string} key
 */
function read(where, key) {
  try {
    return window[where].getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

/**
 * @param {"localStorage" | "sessionStorage"} where
 * @param {string} key
 * @param {string} value
 */
function write(where, key, value) {
  try {
    window[where].setItem(key, value);
  } catch {
    memory.set(key, value);
  }
}

/** The session token, shared by the tabs of this browser; empty where there is none. */
export const session = {
  get: () => read("localStorage", SESSION) ?? "",
  /** @param {string} token */
  set: (token) => write("localStorage", SESSION, token),
};

/** The language that the resident has chosen, or null. */
export const chosenLang = {
  /** @returns {Lang | null} */
  get() {
    const value = read("localStorage", LANG);
    return isLang(value) ? value : null;
  },
  /** @param {Lang} lang */
  set: (lang) => write("localStorage", LANG, lang),
};

/** Switches: on or off, or one of a few values; remembered for every page of this browser. */
export const choice = {
  /** @param {"furigana" | "size"} name */
  get: (name) => read("localStorage", `tochimado.${name}`) ?? "",
  /**
   * @param {"furigana" | "size"} name
   * @param {string} value
   */
  set: (name, value) => write("localStorage", `tochimado.${name}`, value),
};

/** The conversation as shown, for a reload or the next page; it ends with the tab. */
export const turns = {
  /** @returns {Turn[]} */
  get() {
    try {
      const value = JSON.parse(read("sessionStorage", TURNS) ?? "[]");
      return Array.isArray(value) ? value : [];
    } catch {
      return [];
    }
  },
  /** @param {Turn[]} value */
  set: (value) => write("sessionStorage", TURNS, JSON.stringify(value.slice(-TURNS_KEPT))),
};
