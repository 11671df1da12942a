// Tells colleagues what is done on this page: looking while it is seen, writing while keys are pressed.
const AGAIN = 20000;
const STILL = 5000;
const OFTEN = 2500;

class OurDoing {
  constructor() {
    Object.assign(this, { doing: "viewing", place: null, said: 0 });
  }

  // The conversation that is open, with the ticket that lets us speak there.
  here() {
    const live = document.querySelector("live-updates");
    const stream = live?.getAttribute("streams")?.split(" ").find((each) => each.startsWith("conversation:"));
    return stream ? { ticket: live.getAttribute("ticket"), stream } : null;
  }

  say(doing, place) {
    this.said = Date.now();
    const body = JSON.stringify({ ...place, doing });
    fetch("/live/typing", { method: "POST", body, keepalive: true }).catch(() => {});
  }

  look() {
    const here = this.here();
    if (this.place && this.place.stream !== here?.stream) { this.say("nothing", this.place); this.doing = "viewing"; }
    const isNew = here && this.place?.stream !== here.stream;
    this.place = here;
    if (isNew && !document.hidden) this.say(this.doing, here);
  }

  write(doing) {
    this.look();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.become("viewing"), STILL);
    if (doing !== this.doing || Date.now() - this.said > OFTEN) this.become(doing);
  }

  become(doing) {
    this.doing = doing;
    if (this.place) this.say(doing, this.place);
  }

  leave() {
    if (this.place) this.say("nothing", this.place);
    this.place = null;
  }
}

const ours = new OurDoing();
const kindOf = (form) => (form.elements.kind?.value === "note" ? "noting" : "typing");

document.addEventListener("input", (event) => {
  if (event.isTrusted && event.target.matches?.("textarea[name=text]")) ours.write(kindOf(event.target.form));
});
document.addEventListener("submit", (event) => event.target.matches(".composer") && ours.become("viewing"));
document.addEventListener("htmx:after:swap", () => ours.look());
window.addEventListener("pagehide", () => ours.leave());
window.addEventListener("pageshow", () => ours.look());
setInterval(() => document.hidden || (ours.look(), ours.become(ours.doing)), AGAIN);
ours.look();
