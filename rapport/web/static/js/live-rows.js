// A list whose rows come in one by one, further ones as it is scrolled or walked; marks the row that is open.
import { sort, steady, thin, trim } from "rapport/row-order";

const NEWS = ["htmx:after:history:push", "htmx:after:swap"];
const NEAR = 8;

class LiveRows extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.sign = this.dataset.direction === "up" ? 1 : -1;
    this.settle = (records) => this.order(Array.isArray(records) ? records : []);
    this.watcher = new MutationObserver(this.settle);
    this.watcher.observe(this.list, { childList: true });
    this.list.addEventListener("pointerleave", this.settle);
    this.list.addEventListener("focusin", (event) => this.reach(event.target.closest("li")));
    for (const name of NEWS) document.addEventListener(name, this.settle);
    this.style.setProperty("--row", `${this.list.querySelector("li")?.offsetHeight || 110}px`); // what is out of sight is as high
    this.mark();
  }

  disconnectedCallback() {
    this.watcher.disconnect();
    for (const name of NEWS) document.removeEventListener(name, this.settle);
  }

  order(records) {
    const replaced = thin(this.list);
    trim(this.list, this.sign);
    if (this.list.matches(":hover")) steady(this.list, records.flatMap((one) => [...one.addedNodes]).filter((one) => one.dataset?.order), replaced);
    else sort(this.list, this.sign);
    this.mark();
    this.watcher.takeRecords();
    document.dispatchEvent(new Event("rows:settled"));
  }

  // Whoever walks towards the end finds the rows behind it there.
  reach(row) {
    const rows = [...this.list.children];
    const more = this.querySelector("#more:not([data-asked])");
    if (!more || rows.indexOf(row) < rows.length - NEAR) return;
    more.dataset.asked = "";
    more.querySelector("a").dispatchEvent(new Event("further"));
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
