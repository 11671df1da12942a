// A file over the thread: opened where it was pressed, left with Escape, the others one arrow key away.
class FilePreview extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.hear = (event) => this.pressed(event);
    document.addEventListener("click", this.hear);
    this.addEventListener("click", (event) => this.step(event.target));
    this.dialog.addEventListener("close", () => this.leave());
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.hear);
  }

  pressed(event) {
    const link = event.target.closest("a[data-preview]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.open(link);
  }

  step(target) {
    if (target === this.dialog) this.dialog.close();
    const links = [...document.querySelectorAll("a[data-preview]")];
    const next = links[links.indexOf(this.link) + Number(target.closest("[data-step]")?.dataset.step)];
    if (next) this.open(next);
  }

  async open(link) {
    this.link = link;
    await htmx.ajax("GET", link.getAttribute("href"), { target: "#preview", swap: "innerHTML" });
    if (!this.dialog.open) this.dialog.showModal();
  }

  leave() {
    this.querySelector("#preview").replaceChildren();
    this.link?.focus();
  }
}
customElements.define("file-preview", FilePreview);
