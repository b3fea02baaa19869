// The page that embeds the chat, if there is one. Its origin comes in the address of the iframe, and
// messages are taken from and given to that origin alone; who may embed at all, frame-ancestors says.

const settings = new URLSearchParams(window.location.hash.slice(1));
const origin = settings.get("host");

/** Whether the chat stands in a page that can close it. */
export const embedded = window.parent !== window && origin !== null;

/** The language that the embedding page asks for, or null. */
export const wantedLang = settings.get("lang");

/** A question to begin with, from a link to the chat. It is written into the input and never sent by itself. */
export const prefill = embedded ? "" : (settings.get("ask") ?? "").slice(0, 500);

/** @param {"ready" | "close" | "exit"} what */
export function tellHost(what) {
  if (embedded && origin) window.parent.postMessage({ tochimado: what }, origin);
}

/**
 * @param {{open: () => void, ask: (text: string) => void}} on
 */
export function listenToHost(on) {
  if (!embedded) return;
  window.addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== window.parent) return;
    const { tochimado: what, text } = Object(event.data);
    if (what === "open") on.open();
    if (what === "ask" && typeof text === "string" && text.trim()) on.ask(text.trim());
  });
}
