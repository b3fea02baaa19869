// Tochimado's widget, for any page, in one line:
//
//   <script src="https://(the bot)/widget.js" async></script>
//
//   data-lang="en"    the language to begin with (ja, easy, en, zh, pt, es); else the browser's
//   data-exit="https://…"    where the quick exit leads; else the prefecture's page
//
// It adds a button and, when that is pressed, an iframe of the bot's own origin. It sets no cookies; on the
// page's own origin it keeps one word, that the window is open, until the tab is closed. A page with a Content-Security-Policy needs the bot's origin in script-src
// and frame-src, nothing else. The bot names the pages that may embed it in its frame-ancestors.
//
//   window.Tochimado.open({ ask: "質問" })    open, and ask if there is something to ask
//   window.Tochimado.close()

(() => {
  "use strict";
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement) || "Tochimado" in window) return;

  const chat = new URL("chat", script.src);
  const bot = chat.origin;
  // The button speaks the page's language; the chat then speaks the reader's.
  const LABELS = /** @type {{[lang: string]: [label: string, title: string, lost: string, again: string, shut: string]}} */ ({
    ja: ["とちまどに聞く", "とちまど：チャットの窓", "とちまどにつながりません。", "もう一度", "閉じる"],
    en: ["Ask Tochimado", "Tochimado: chat window", "Tochimado cannot be reached.", "Try again", "Close"],
    zh: ["咨询 Tochimado", "Tochimado：聊天窗口", "无法连接 Tochimado。", "重试", "关闭"],
    pt: ["Pergunte ao Tochimado", "Tochimado: janela de conversa", "Sem conexão com o Tochimado.", "Tentar de novo", "Fechar"],
    es: ["Pregunte a Tochimado", "Tochimado: ventana de conversación", "Sin conexión con Tochimado.", "Intentar de nuevo", "Cerrar"],
  });
  const wanted = script.dataset.lang ?? "";
  const primary = (wanted || document.documentElement.lang).toLowerCase().split("-")[0];
  const lang = Object.hasOwn(LABELS, primary) ? primary : "ja";
  const [label, title, lost, again, shut] = LABELS[lang];
  const exit = /^https?:/.test(script.dataset.exit ?? "") ? script.dataset.exit : "https://www.pref.tochigi.lg.jp/";
  const PATIENCE_MS = 10_000;
  const OPEN = "tochimado.open";

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    .launcher {
      position: fixed; z-index: 2147483000;
      right: max(16px, env(safe-area-inset-right)); bottom: max(16px, env(safe-area-inset-bottom));
      display: flex; align-items: center; gap: 10px; max-width: calc(100vw - 32px);
      min-height: 60px; padding: 10px 24px 10px 20px; border: 2px solid #fff; border-radius: 30px;
      background: #0017c1; color: #fff; cursor: pointer; text-align: start;
      font: 700 17px/1.4 "Noto Sans JP", "Hiragino Sans", "Yu Gothic UI", Meiryo, system-ui, sans-serif;
      letter-spacing: .02em; box-shadow: 0 2px 8px 1px rgb(0 0 0 / .1), 0 1px 5px rgb(0 0 0 / .3);
    }
    .launcher:hover { background: #00118f; }
    .launcher:active { background: #000060; }
    button:focus-visible { outline: 4px solid #000; outline-offset: 4px; box-shadow: 0 0 0 4px #ffd43d; }
    .launcher[hidden] { display: none; }
    svg { flex: none; width: 30px; height: 30px; fill: currentColor; }
    small { display: block; font-size: 12px; font-weight: 400; letter-spacing: 0; }
    dialog {
      position: fixed; z-index: 2147483001; inset: auto;
      right: max(16px, env(safe-area-inset-right)); bottom: max(16px, env(safe-area-inset-bottom));
      width: 420px; height: min(720px, calc(100vh - 32px)); max-width: none; max-height: none;
      margin: 0; padding: 0; border: 1px solid #767676; border-radius: 12px; overflow: hidden;
      background: Canvas; color-scheme: light dark; box-shadow: 0 4px 24px rgb(0 0 0 / .3);
    }
    dialog.full { inset: 0; width: 100%; height: 100vh; height: 100dvh; border: 0; border-radius: 0; }
    .lost { position: absolute; inset: 0; padding: 24px; background: Canvas; color: CanvasText; font: 16px/1.7 system-ui, sans-serif; }
    .lost button { min-width: 44px; min-height: 44px; margin: 16px 8px 0 0; padding: 8px 20px; font: inherit; cursor: pointer; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    @media (max-width: 480px) { small { display: none; } }
    @media (max-width: 480px), (max-height: 480px) { .launcher { min-height: 48px; padding: 6px 18px 6px 14px; font-size: 16px; } }
    @media print { :host { display: none; } }
  `;
  const small = window.matchMedia("(max-width: 480px), (max-height: 480px)");

  /** @type {HTMLIFrameElement | null} */
  let frame = null;
  let ready = false;
  /** Whether the window came back by itself with a new page of the host: it then leaves the focus where it is. */
  let quiet = false;
  /** @type {string[]} */
  const questions = [];

  const holder = document.createElement("div");
  holder.id = "tochimado";
  const root = holder.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // a style element would be at the mercy of the page's style-src
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const launcher = press("", () => open());
  launcher.className = "launcher";
  launcher.lang = lang;
  launcher.setAttribute("aria-haspopup", "dialog");
  const words = document.createElement("span");
  words.textContent = label;
  const others = document.createElement("small");
  others.textContent = "English 中文 Português Español";
  if (lang === "ja") words.append(others);
  launcher.append(picture(), words);

  const dialog = document.createElement("dialog");
  dialog.lang = lang;
  dialog.setAttribute("aria-label", title);
  root.append(launcher, dialog);

  // What stands in the window while the chat cannot be reached.
  const sorry = document.createElement("div");
  sorry.className = "lost";
  sorry.setAttribute("role", "alert");
  /** @type {number | undefined} */
  let timer;

  /**
   * @param {string} words
   * @param {() => void} pressed
   */
  function press(words, pressed) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", pressed);
    return button;
  }

  function picture() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute(
      "d",
      "M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-8.2L7 22v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm3 6v2h10V9zm0 4v2h6v-2zm0-8v2h10V5z",
    );
    svg.append(path);
    return svg;
  }

  /** @param {{tochimado: string, text?: string}} message */
  function tell(message) {
    frame?.contentWindow?.postMessage(message, bot);
  }

  function show() {
    dialog.classList.toggle("full", small.matches);
    // Modal where it covers the page: the page behind must not be reached by Tab.
    if (small.matches) dialog.showModal();
    else if (quiet) dialog.setAttribute("open", "");
    else dialog.show();
  }

  function ask() {
    if (!ready) return;
    for (const text of questions.splice(0)) tell({ tochimado: "ask", text });
  }

  function load() {
    frame?.remove();
    sorry.remove();
    const settings = new URLSearchParams({ host: window.location.origin });
    if (wanted) settings.set("lang", wanted);
    frame = document.createElement("iframe");
    frame.title = title;
    frame.allow = "geolocation; microphone; clipboard-write";
    frame.referrerPolicy = "no-referrer";
    frame.src = `${chat}#${settings}`;
    dialog.append(frame);
    timer = window.setTimeout(lose, navigator.onLine ? PATIENCE_MS : 0);
  }

  function lose() {
    if (ready) return;
    sorry.replaceChildren(lost, document.createElement("br"), press(again, load), press(shut, close));
    dialog.append(sorry);
  }

  /** @param {{ask?: string}} [options] */
  function open(options = {}) {
    if (typeof options.ask === "string" && options.ask.trim()) questions.push(options.ask);
    quiet = false;
    appear();
    frame?.focus();
    if (ready) tell({ tochimado: "open" });
    ask();
  }

  function appear() {
    if (!frame) load();
    if (!dialog.open) show();
    launcher.hidden = true;
    remember(true);
  }

  /** @param {boolean} isOpen for the host's next page in this tab */
  function remember(isOpen) {
    try {
      if (isOpen) sessionStorage.setItem(OPEN, "1");
      else sessionStorage.removeItem(OPEN);
    } catch {
      // The browser forbids storage: the next page begins with the window closed.
    }
  }

  function comeBack() {
    if (dialog.open) return;
    try {
      quiet = sessionStorage.getItem(OPEN) !== null;
    } catch {
      quiet = false;
    }
    if (quiet) appear();
  }

  function close() {
    if (!dialog.open) return;
    remember(false);
    dialog.close();
    launcher.hidden = false;
    launcher.focus();
  }

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  small.addEventListener("change", () => {
    if (!dialog.open) return;
    dialog.close();
    show();
  });
  window.addEventListener("online", () => {
    if (frame && !ready) load();
  });
  window.addEventListener("message", (event) => {
    if (event.origin !== bot || !frame || event.source !== frame.contentWindow) return;
    const { tochimado: what } = Object(event.data);
    if (what === "close") close();
    if (what === "exit" && exit) {
      remember(false);
      window.location.replace(exit);
    }
    if (what === "ready") {
      ready = true;
      window.clearTimeout(timer);
      sorry.remove();
      if (dialog.open && !quiet) tell({ tochimado: "open" });
      ask();
    }
  });

  const attach = () => {
    document.body.append(holder);
    // After the page's own things have come.
    if (document.readyState === "complete") comeBack();
    else window.addEventListener("load", comeBack);
  };
  if (document.body) attach();
  else document.addEventListener("DOMContentLoaded", attach);
  Object.defineProperty(window, "Tochimado", { value: Object.freeze({ open, close }), enumerable: true });
})();
