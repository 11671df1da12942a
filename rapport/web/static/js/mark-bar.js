// The bar above the words: a button or a key for each mark.
import { MARKS, goOn, put } from "rapport/marking";
import { isCommand, isComposing } from "rapport/keys";

const KEYS = { b: "bold", i: "italic", k: "link" };

class MarkBar extends HTMLElement {
  connectedCallback() {
    this.words = this.closest("form").querySelector("textarea");
    this.addEventListener("mousedown", (event) => event.preventDefault());
    this.addEventListener("click", (event) => this.pressed(event.target.closest("button")));
    this.addEventListener("keydown", (event) => this.walk(event));
    this.words.addEventListener("keydown", (event) => this.typed(event));
  }

  pressed(button) {
    if (button?.dataset.mark) MARKS[button.dataset.mark](this.words);
    if (button?.dataset.begins) this.begin(button.dataset.begins);
  }

  // Completion is asked for as though its sign had been typed.
  begin(sign) {
    const { selectionStart: at, value } = this.words;
    put(this.words, at, this.words.selectionEnd, (/\S$/.test(value.slice(0, at)) ? " " : "") + sign);
    this.words.dispatchEvent(new CustomEvent("offers", { bubbles: true }));
  }

  typed(event) {
    if (event.defaultPrevented || isComposing(event)) return;
    const mark = isCommand(event) && !event.shiftKey && KEYS[event.key.toLowerCase()];
    const isPalette = mark === "link" && this.words.selectionStart === this.words.selectionEnd;
    if (mark && !isPalette) { event.preventDefault(); MARKS[mark](this.words); }
    const plain = event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && goOn(this.words)) event.preventDefault();
  }

  // One stop of the Tab key; the arrows walk within, as in every toolbar.
  walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const buttons = [...this.querySelectorAll("button")].filter((button) => button.checkVisibility());
    if (step) buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length]?.focus();
  }
}
customElements.define("mark-bar", MarkBar);
