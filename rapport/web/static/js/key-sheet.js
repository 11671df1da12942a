// The sheet of all keys that work on this page: read off its elements each time it opens, beside those of the registry.
import { actions, isMac, shown, wordsOf } from "rapport/keys";

class KeySheet extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.hear = (event) => event.target.closest("[data-opens=keys]") && this.open();
    document.addEventListener("click", this.hear);
    this.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.hear);
  }

  open() {
    if (this.dialog.open) return;
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    this.fill(this.querySelector("[data-here]"), [...actions(document)].filter(([key]) => key !== "?"));
    for (const row of this.querySelectorAll("[data-if]")) row.hidden = !document.querySelector(row.dataset.if);
    for (const key of this.querySelectorAll("[data-mac]")) if (isMac) key.textContent = key.dataset.mac;
    this.dialog.showModal();
  }

  fill(list, found) {
    const rows = found.map(([keys, element]) => {
      const row = this.querySelector("template").content.cloneNode(true);
      row.querySelector("dt").textContent = wordsOf(element);
      const sign = row.querySelector("kbd");
      sign.replaceWith(...keys.split(" ").map((step) => Object.assign(sign.cloneNode(), { textContent: shown(step) })));
      return row;
    });
    list.replaceChildren(...rows);
  }
}
customElements.define("key-sheet", KeySheet);
