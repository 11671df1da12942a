// When to catch up: at once, never twice at the same time, and every five seconds while no stream stands.
// A line counts as standing only while something is heard on it: a proxy that keeps the stream to itself, a
// cable that was pulled and a laptop that slept all look open to the browser.
const FIRST = 8000;
const SILENCE = 30000;
const TICK = 5000;
const SLEPT = 20000;
const SLEPT_UNSEEN = 90000; // browsers let the clock of a hidden page tick once a minute

export class Catcher {
  constructor(fetch, { lost, gap = 150, poll = 5000, patience = 30000 } = {}) {
    Object.assign(this, { fetch, lost, gap, poll, patience, failures: 0, running: false, again: false });
  }

  start() {
    this.ticked = Date.now();
    this.ticking = setInterval(() => this.tick(), TICK);
  }

  async hear() {
    if (this.running) { this.again = true; return; }
    this.running = true;
    do {
      this.again = false;
      await Promise.resolve(this.fetch()).catch(() => {}); // a fault of one answer must not end all catching up
      await new Promise((go) => setTimeout(go, this.gap));
    } while (this.again);
    this.running = false;
  }

  // A stream was opened: it has to say something soon, and again and again.
  watch(patience = FIRST) {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.retry(), patience);
  }

  // The stream broke or is mute: poll meanwhile, and try it again later and later, never all browsers at once.
  retry() {
    clearTimeout(this.later);
    clearTimeout(this.silence);
    document.documentElement.dataset.line = "polling";
    if (!this.polling) this.hear();
    this.polling ??= setInterval(() => this.hear(), this.poll);
    const wait = Math.min(1000 * 2 ** this.failures++, this.patience) * (0.5 + Math.random());
    this.later = setTimeout(this.lost, wait);
  }

  // The stream was heard.
  calm() {
    this.watch(SILENCE);
    document.documentElement.dataset.line = "live";
    if (this.polling) { this.hear(); clearInterval(this.polling); }
    this.polling = undefined;
    this.failures = 0;
  }

  // Back from somewhere: look, and do not trust a line that may have died meanwhile.
  wake() {
    this.hear();
    if (this.polling) this.lost();
  }

  tick() {
    const slept = Date.now() - this.ticked > (document.hidden ? SLEPT_UNSEEN : SLEPT);
    this.ticked = Date.now();
    if (slept) { this.hear(); this.lost(); }
  }

  // True when the news were put in their places, false for an answer that holds none, null without a line.
  async swap(element, address) {
    const signal = AbortSignal.timeout(10000);
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal }).catch(() => null);
    const text = answer?.ok ? await answer.text().catch(() => null) : null;
    const elsewhere = answer?.headers.get("HX-Redirect");
    if (elsewhere) location.href = elsewhere;
    const isAway = !answer || answer.status >= 500 || (answer.ok && text === null);
    if (text !== null) await htmx.swap({ sourceElement: element, target: element, text, swap: "none" });
    for (const banner of document.querySelectorAll(".banner--offline")) banner.hidden = !isAway;
    return isAway ? null : answer.ok;
  }

  stop() {
    for (const timer of [this.later, this.silence]) clearTimeout(timer);
    for (const timer of [this.polling, this.ticking]) clearInterval(timer);
    this.polling = undefined;
  }
}
