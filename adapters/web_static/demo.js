// The demo page: the example questions open the widget and ask.

/** @param {{ask?: string}} options */
function open(options) {
  const widget = /** @type {{open: (options: {ask?: string}) => void} | undefined} */ (
    Reflect.get(window, "Tochimado")
  );
  if (widget) widget.open(options);
  else window.location.assign(`chat#${new URLSearchParams(options)}`); // the loader has not come
}

for (const button of document.querySelectorAll("[data-ask]")) {
  const ask = button.getAttribute("data-ask") ?? "";
  button.textContent = ask;
  button.addEventListener("click", () => open({ ask }));
}
for (const button of document.querySelectorAll("[data-open]")) {
  button.addEventListener("click", () => open({}));
}

const snippet = document.querySelector("#snippet");
if (snippet) snippet.textContent = `<script src="${new URL("widget.js", document.baseURI)}" async></script>`;
