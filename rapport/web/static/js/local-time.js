// Keeps a span such as "waiting 12 min" true while the page stays open: <local-time since="…">12 min</local-time>.
const units = [["day", 86400, 2], ["hour", 3600, 1], ["minute", 60, 1], ["second", 1, 1]];

class LocalTime extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.say(), 30000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  say() {
    const seconds = Math.abs(Date.now() - Date.parse(this.getAttribute("since"))) / 1000;
    const [unit, length] = units.find(([, length, least]) => seconds >= length * least) ?? units.at(-1);
    const form = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "short" });
    this.textContent = form.format(Math.floor(seconds / length));
  }
}
customElements.define("local-time", LocalTime);
