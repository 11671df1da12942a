// The words as they will be sent, drawn by the server, in the place of the words themselves.
class DraftPreview extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.sheet = this.form.querySelector(".composer__preview");
    this.button = this.querySelector("button");
    this.addEventListener("click", (event) => { event.preventDefault(); this.turn(this.sheet.hidden); });
    this.form.addEventListener("change", (event) => event.target.name === "kind" && this.turn(false));
  }

  async turn(shown) {
    if (shown && !(await this.draw())) return;
    this.sheet.hidden = !shown;
    this.form.querySelector("textarea").hidden = shown;
    this.button.setAttribute("aria-pressed", String(shown));
    if (shown) this.sheet.focus();
  }

  async draw() {
    const body = new FormData(this.form);
    body.delete("files");
    const answer = await fetch(this.dataset.from, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok) await htmx.swap({ sourceElement: this, target: this.sheet, text: await answer.text(), swap: "innerHTML" });
    return answer?.ok;
  }
}
customElements.define("draft-preview", DraftPreview);
