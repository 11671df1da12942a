// A list whose rows come in one by one: keeps each once and in order, and marks the one that is open.
const NEWS = ["htmx:after:history:push", "htmx:after:swap"];

class LiveRows extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.settle = () => { this.thin(); this.sort(); this.mark(); this.watcher.takeRecords(); };
    this.watcher = new MutationObserver(this.settle);
    this.watcher.observe(this.list, { childList: true });
    this.list.addEventListener("pointerleave", this.settle);
    for (const name of NEWS) document.addEventListener(name, this.settle);
    this.mark();
  }

  disconnectedCallback() {
    this.watcher.disconnect();
    for (const name of NEWS) document.removeEventListener(name, this.settle);
  }

  // A row that came anew stands above the one it was before: it takes that one's place, and its focus.
  thin() {
    const seen = new Map();
    for (const row of [...this.list.querySelectorAll(":scope > [data-order]")]) {
      const fresh = seen.get(row.id);
      if (!fresh) { seen.set(row.id, row); continue; }
      const had = row.contains(document.activeElement);
      row.replaceWith(fresh);
      if (had) fresh.querySelector("a").focus({ preventScroll: true });
    }
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
  }

  mark() {
    for (const link of this.list.querySelectorAll("a.row")) {
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const empty = this.querySelector(".empty");
    if (empty) empty.hidden = Boolean(this.list.children.length);
  }
}
customElements.define("live-rows", LiveRows);
