// When to catch up: at once, never twice at the same time, and every five seconds while no stream stands.
export class Catcher {
  constructor(fetch, { gap = 150, poll = 5000, patience = 30000 } = {}) {
    Object.assign(this, { fetch, gap, poll, patience, failures: 0, running: false, again: false });
  }

  async hear() {
    if (this.running) { this.again = true; return; }
    this.running = true;
    do {
      this.again = false;
      await this.fetch();
      await new Promise((go) => setTimeout(go, this.gap));
    } while (this.again);
    this.running = false;
  }

  // The stream broke: poll meanwhile, and try it again later and later, never all browsers at once.
  retry(open) {
    clearTimeout(this.later);
    this.polling ??= setInterval(() => this.hear(), this.poll);
    const wait = Math.min(1000 * 2 ** this.failures++, this.patience) * (0.5 + Math.random());
    this.later = setTimeout(open, wait);
  }

  calm() {
    if (this.polling) { this.hear(); clearInterval(this.polling); }
    this.polling = undefined;
    this.failures = 0;
  }

  // True when the news were put in their places, false for an answer that holds none, null without a line.
  async swap(element, address) {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    const elsewhere = answer?.headers.get("HX-Redirect");
    if (elsewhere) location.href = elsewhere;
    if (answer?.ok) await htmx.swap({ sourceElement: element, target: element, text: await answer.text(), swap: "none" });
    return answer && answer.ok;
  }

  stop() {
    clearTimeout(this.later);
    clearInterval(this.polling);
    this.polling = undefined;
  }
}
