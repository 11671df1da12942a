// Hears that the journal has grown and fetches what changed: one request for an event, a sleep, a lost line.
import { Catcher } from "rapport/catcher";

class LiveUpdates extends HTMLElement {
  static observedAttributes = ["streams"];

  connectedCallback() {
    this.catcher ??= new Catcher(() => this.fetch());
    this.wake = () => document.hidden || this.catcher.hear();
    for (const name of ["visibilitychange", "online"]) window.addEventListener(name, this.wake, true);
    this.open();
  }

  disconnectedCallback() {
    for (const name of ["visibilitychange", "online"]) window.removeEventListener(name, this.wake, true);
    this.source?.close();
    this.catcher.stop();
  }

  attributeChangedCallback(_name, before, now) {
    if (before !== null && before !== now && this.isConnected) this.open();
  }

  open() {
    this.source?.close();
    const query = new URLSearchParams({ ticket: this.getAttribute("ticket"), since: this.getAttribute("since") });
    this.source = new EventSource(`/live?${query}`);
    this.source.addEventListener("at", (event) => JSON.parse(event.data).streams.length && this.catcher.hear());
    this.source.addEventListener("expired", () => this.fetch().then(() => this.open()));
    this.source.onopen = () => this.catcher.calm();
    this.source.onerror = () => { this.source.close(); this.catcher.retry(() => this.open()); };
  }

  async fetch() {
    const seen = document.hidden ? "" : "&seen"; // what comes while somebody looks has been read
    const ok = await this.catcher.swap(this, `${this.getAttribute("updates")}&since=${this.getAttribute("since")}${seen}`);
    for (const banner of document.querySelectorAll(".banner--offline")) banner.hidden = ok !== null;
    return ok;
  }
}
customElements.define("live-updates", LiveUpdates);
