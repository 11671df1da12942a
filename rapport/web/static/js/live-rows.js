// A list whose rows come in one by one: keeps them in order and unique, and marks the one that is open.
class LiveRows extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.settle = () => { this.sort(); this.mark(); };
    this.watcher = new MutationObserver(() => this.settle());
    this.watcher.observe(this.list, { childList: true });
    this.list.addEventListener("pointerleave", this.settle);
    for (const name of ["htmx:after:history:push", "htmx:after:swap"]) document.addEventListener(name, this.settle);
    this.mark();
  }

  disconnectedCallback() {
    this.watcher.disconnect();
    for (const name of ["htmx:after:history:push", "htmx:after:swap"]) document.removeEventListener(name, this.settle);
  }

  sort() {
    if (this.list.matches(":hover")) return; // never move what the pointer is on
    const rows = [...this.list.querySelectorAll(":scope > [data-order]")];
    const sign = this.dataset.direction === "up" ? 1 : -1;
    const sorted = [...rows].sort((one, other) => sign * (one.dataset.order - other.dataset.order));
    if (sorted.every((row, place) => row === rows[place])) return;
    const focused = document.activeElement;
    this.list.prepend(...sorted);
    if (this.list.contains(focused)) focused.focus({ preventScroll: true });
    this.watcher.takeRecords();
  }

  mark() {
    for (const link of this.list.querySelectorAll("a.row")) {
      link.toggleAttribute("aria-current", link.pathname === location.pathname);
      if (link.hasAttribute("aria-current")) link.setAttribute("aria-current", "true");
    }
    const empty = this.querySelector(".empty");
    if (empty) empty.hidden = Boolean(this.list.children.length);
  }
}
customElements.define("live-rows", LiveRows);
