// Hears that the journal has grown and fetches what changed: one request for an event, a sleep, a lost line.
import { Catcher } from "rapport/catcher";
import { forget, hear } from "rapport/company";

class LiveUpdates extends HTMLElement {
  static observedAttributes = ["streams"];

  connectedCallback() {
    this.catcher ??= new Catcher(() => this.fetch(), { lost: () => this.open() });
    this.catcher.start();
    this.wake = () => document.hidden || this.catcher.wake();
    for (const name of ["visibilitychange", "online", "pageshow"]) window.addEventListener(name, this.wake, true);
    this.open();
  }

  disconnectedCallback() {
    for (const name of ["visibilitychange", "online", "pageshow"]) window.removeEventListener(name, this.wake, true);
    this.source?.close();
    this.catcher.stop();
  }

  attributeChangedCallback(_name, before, now) {
    if (before !== null && before !== now && this.isConnected) this.open();
  }

  open() {
    this.source?.close();
    forget();
    const query = new URLSearchParams({ ticket: this.getAttribute("ticket"), since: this.getAttribute("since") });
    this.source = new EventSource(`/live?${query}`);
    this.catcher.watch();
    const on = (name, act) => this.source.addEventListener(name, (event) => { this.catcher.calm(); act(JSON.parse(event.data)); });
    on("at", ({ streams }) => streams.length && this.catcher.hear());
    on("typing", ({ stream, people }) => hear({ [stream]: people }));
    on("looking", hear);
    on("beat", () => {});
    on("expired", () => this.fetch().then(() => this.open()));
    this.source.onerror = () => { this.source.close(); this.catcher.retry(); };
  }

  fetch() {
    const seen = document.hidden ? "" : "&seen"; // what comes while somebody looks has been read
    return this.catcher.swap(this, `${this.getAttribute("updates")}&since=${this.getAttribute("since")}${seen}`);
  }
}
customElements.define("live-updates", LiveUpdates);
