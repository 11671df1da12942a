// The bell: while nobody sees the page, the browser tells the newest; only where its owner has turned that on.
const ON = "notifications";

class DeskBell extends HTMLElement {
  static observedAttributes = ["data-newest"];

  attributeChangedCallback(_name, before, now) {
    if (before === null || before === now || !now || !document.hidden) return;
    if (localStorage.getItem(ON) !== "on" || window.Notification?.permission !== "granted") return;
    const { title, body, href } = this.dataset;
    const told = new Notification(title, { body, tag: `rapport-${now.split(".")[0]}`, icon: document.querySelector("link[rel=icon]")?.href });
    told.onclick = () => { window.focus(); location.href = href; told.close(); };
  }
}
customElements.define("desk-bell", DeskBell);

// The switch for this browser on the profile page; what it says is what the browser allows.
class BrowserSwitch extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.turn());
    this.say();
  }

  get isOn() {
    return localStorage.getItem(ON) === "on" && window.Notification?.permission === "granted";
  }

  async turn() {
    if (this.isOn) localStorage.removeItem(ON);
    else if ((await window.Notification?.requestPermission()) === "granted") localStorage.setItem(ON, "on");
    this.say();
  }

  say() {
    const state = !window.Notification ? "unable" : Notification.permission === "denied" ? "denied" : this.isOn ? "on" : "off";
    this.querySelector("[role=status]").textContent = this.dataset[state];
    this.button.textContent = this.isOn ? this.dataset.turnOff : this.dataset.turnOn;
    this.button.disabled = state === "unable" || state === "denied";
  }
}
customElements.define("browser-switch", BrowserSwitch);
