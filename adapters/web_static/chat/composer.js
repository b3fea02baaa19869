// The line in which the resident writes.

export class Composer {
  #input;

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLTextAreaElement} input
   * @param {(text: string) => void} send
   * @param {(text: string) => void} typed what stands in the input has changed
   */
  constructor(form, input, send, typed) {
    this.#input = input;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (text) {
        this.fill("");
        send(text);
      }
      input.focus();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      form.requestSubmit();
    });
    input.addEventListener("input", () => {
      this.#grow();
      typed(input.value);
    });
  }

  get text() {
    return this.#input.value;
  }

  /** @param {string} text */
  fill(text) {
    this.#input.value = text;
    this.#grow();
  }

  focus() {
    this.#input.focus();
  }

  #grow() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight + this.#input.offsetHeight - this.#input.clientHeight}px`;
  }
}

/**
 * Whether a key belongs to an input method that is still choosing characters. Safari ends the composition
 * before the Enter that ends it arrives, and marks that key with 229 only.
 * @param {KeyboardEvent} event
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}
