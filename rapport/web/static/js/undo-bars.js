// Flashes leave by themselves, but never while somebody reads, hovers or is about to press "undo".
class UndoBars extends HTMLElement {
  connectedCallback() {
    this.watcher = new MutationObserver(() => this.arm());
    this.watcher.observe(this, { childList: true });
    this.addEventListener("click", (event) => event.target.closest("[data-closes]")?.closest(".flash").remove());
    this.addEventListener("submit", (event) => this.leave(event.target.closest(".flash"), 200));
    this.arm();
  }

  disconnectedCallback() {
    this.watcher.disconnect();
  }

  arm() {
    for (const flash of this.querySelectorAll(".flash:not([data-armed])")) {
      flash.dataset.armed = "";
      this.wait(flash, 1000 * Number(flash.dataset.seconds ?? 10));
    }
    while (this.children.length > 3) this.firstElementChild.remove();
  }

  wait(flash, rest) {
    setTimeout(() => (flash.matches(":hover, :focus-within") ? this.wait(flash, 2000) : this.leave(flash, 0)), rest);
  }

  leave(flash, after) {
    setTimeout(() => { flash.dataset.done = ""; setTimeout(() => flash.remove(), 200); }, after);
  }
}
customElements.define("undo-bars", UndoBars);
