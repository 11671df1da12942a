// The composer: the tab decides what is sent, files are named before they go, the words outlive a reload.
import { DraftKeeper } from "rapport/draft-keeper";
import { Uploads } from "rapport/uploads";

class ComposerBox extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.words = this.querySelector("textarea");
    this.keeper = new DraftKeeper(this);
    this.keeper.restore();
    this.uploads = new Uploads(this, () => this.keeper.changed());
    this.addEventListener("input", () => this.keeper.changed());
    this.addEventListener("change", (event) => this.changed(event.target));
    this.addEventListener("click", (event) => this.pressed(event.target.closest("[data-goes-on]")));
    this.turn();
  }

  disconnectedCallback() {
    this.keeper?.end();
  }

  changed(input) {
    if (input.name === "kind") this.turnTo(input);
    if (input.type === "file") { this.uploads.add(input.files); input.value = ""; }
    if (input.name === "later") this.querySelector("[data-sends]").classList.toggle("is-later", Boolean(input.value));
  }

  pressed(button) {
    if (button) this.keeper.goOn(button.dataset);
  }

  // Words go along to another tab, unless that one has words of its own.
  async turnTo(input) {
    const left = this.keeper.kind;
    this.keeper.kind = input.value;
    if (input.dataset.kept === undefined || left === input.value) { this.turn(); this.words.focus(); return; }
    await this.keeper.save({ kind: left });
    this.keeper.end();
    await htmx.ajax("GET", `${this.dataset.drafts}?draft=${input.value}`, { source: this, swap: "none" });
    document.querySelector("#composer textarea")?.focus();
  }

  turn() {
    const kind = this.form.elements.kind?.value ?? "reply";
    this.words.placeholder = this.words.dataset[kind] ?? "";
  }
}
customElements.define("composer-box", ComposerBox);
