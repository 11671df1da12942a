// Hears that the journal has grown and fetches what changed: the same request after one event, a sleep or a lost line.
import { Catcher } from "rapport/catcher";

class LiveUpdates extends HTMLElement {
  static observedAttributes = ["streams"];

  connectedCallback() {
    this.catcher ??= new Catcher(() => this.fetch());
    this.wake = () => document.hidden || this.heard(true);
    document.addEventListener("visibilitychange", this.wake);
    window.addEventListener("online", this.wake);
    this.open();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.wake);
    window.removeEventListener("online", this.wake);
    this.source?.close();
    this.catcher.stop();
  }

  attributeChangedCallback(_name, before, now) {
    if (before !== null && before !== now && this.isConnected) this.open();
  }

  open() {
    this.source?.close();
    this.source = new EventSource(`/live?ticket=${encodeURIComponent(this.getAttribute("ticket"))}`);
    this.source.addEventListener("at", (event) => this.heard(event.data !== this.getAttribute("since")));
    this.source.onopen = () => this.catcher.calm();
    this.source.onerror = () => { this.source.close(); this.catcher.retry(() => this.open()); };
  }

  heard(isNews) { if (isNews) this.catcher.hear(); }

  async fetch() {
    const address = new URL(this.getAttribute("updates"), location.href);
    address.searchParams.set("since", this.getAttribute("since"));
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    document.querySelector(".banner--offline")?.toggleAttribute("hidden", Boolean(answer));
    if (!answer) return false;
    if (answer.headers.get("HX-Redirect")) location.href = answer.headers.get("HX-Redirect");
    if (answer.ok) await htmx.swap({ sourceElement: this, target: this, text: await answer.text(), swap: "none" });
    return answer.ok;
  }
}
customElements.define("live-updates", LiveUpdates);
