// Ctrl-K or ⌘K: actions of this page, lists, conversations, customers, settings. One request per pause of typing.
import { Choices } from "rapport/choices";
import { isCommand, isComposing, press } from "rapport/keys";
import { draw, recent, remember, sift } from "rapport/offers";

const PAUSE = 150;

class GoPalette extends HTMLElement {
  connectedCallback() {
    [this.dialog, this.field] = [this.querySelector("dialog"), this.querySelector("[role=combobox]")];
    this.choices = new Choices(this.field, this.querySelector("[role=listbox]"));
    this.field.addEventListener("keydown", (event) => isComposing(event) || this.hear(event));
    this.addEventListener("input", () => this.seek(PAUSE));
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("htmx:after:swap", () => this.arrived());
  }

  open() {
    if (document.querySelector("dialog[open]")) return;
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    this.field.value = "";
    this.dialog.showModal();
    this.seek(0);
  }

  // Who presses Enter before the answer is there means what will be found.
  hear(event) {
    if (event.key !== "Enter" || this.choices.chosen || !this.isSeeking) { this.choices.hear(event); return; }
    event.preventDefault();
    this.isWanted = true;
  }

  arrived() {
    this.isSeeking = false;
    this.draw();
    if (this.isWanted) this.choices.chosen?.click();
    this.isWanted = false;
  }

  seek(pause) {
    this.isSeeking = true;
    sift(this.querySelector("#palette_found"), this.field.value);
    this.draw();
    this.field.form.elements.recent.value = recent().join();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.field.dispatchEvent(new CustomEvent("seek")), pause);
  }

  draw() {
    const english = JSON.parse(this.querySelector("[data-english]")?.dataset.english ?? "{}");
    draw(this.querySelector("[data-actions]"), this.querySelector("template"), { words: this.field.value, english });
    this.choices.settle();
  }

  clicked(event) {
    const option = event.target.closest("[role=option]");
    if (!option && event.target !== this.dialog || event.metaKey || event.ctrlKey) return;
    this.dialog.close();
    if (option?.action) press(option.action);
  }
}
customElements.define("go-palette", GoPalette);

const palette = () => document.querySelector("go-palette");
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isComposing(event) || !isCommand(event) || event.shiftKey || event.code !== "KeyK" && event.key !== "k") return;
  if (palette()) { event.preventDefault(); palette().open(); }
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-opens=palette]") || !palette()) return;
  event.preventDefault();
  palette().open();
});
for (const name of ["htmx:after:history:push", "htmx:after:swap"]) document.addEventListener(name, remember);
remember();
