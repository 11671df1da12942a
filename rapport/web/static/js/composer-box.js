// The composer: the tab decides what is sent, files are named before they go, the words outlive a reload.
class ComposerBox extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.words = this.querySelector("textarea");
    this.place = `draft:${this.dataset.about}`;
    if (!this.words) return;
    if (this.dataset.fresh) sessionStorage.removeItem(this.place);
    if (!this.words.value) this.words.value = sessionStorage.getItem(this.place) ?? "";
    this.addEventListener("input", () => this.keep());
    this.addEventListener("change", (event) => this.changed(event.target));
    this.turn();
  }

  keep() {
    if (this.words.value.trim()) sessionStorage.setItem(this.place, this.words.value);
    else sessionStorage.removeItem(this.place);
  }

  changed(input) {
    if (input.name === "kind") { this.turn(); this.words.focus(); }
    if (input.type === "file") this.list(input.files);
    if (input.name === "later") this.querySelector("[data-sends]").classList.toggle("is-later", Boolean(input.value));
  }

  turn() {
    const kind = this.form.elements.kind?.value ?? "reply";
    this.words.placeholder = this.words.dataset[kind] ?? "";
  }

  list(files) {
    this.querySelector(".composer__new").textContent = [...files].map((file) => file.name).join(" · ");
  }
}
customElements.define("composer-box", ComposerBox);
