// Keeps what is written on the server while it is written, and in this browser while there is no line to it.
export class DraftKeeper {
  constructor(box, { pause = 1200, patience = 5000 } = {}) {
    Object.assign(this, { box, pause, patience, form: box.querySelector("form"), place: `draft:${box.dataset.about}` });
    this.fields = this.form.elements;
    this.kind = this.fields.kind.value;
    this.flush = () => document.hidden && this.timer && this.save({ keepalive: true });
    document.addEventListener("visibilitychange", this.flush);
    this.wake = () => this.state === "here" && this.save();
    window.addEventListener("online", this.wake);
  }

  // Words that only this browser has come back, under the version and the key that they had.
  restore() {
    if (this.box.dataset.fresh) sessionStorage.removeItem(this.place);
    const here = JSON.parse(sessionStorage.getItem(this.place) ?? "null");
    if (!here || here.text === this.fields.text.value || this.fields.version.value === "" && this.fields.text.value) return;
    for (const name of ["text", "version", "client_key", "device"]) this.fields[name].value = here[name];
    if (here.kind && !this.form.querySelector(`[name=kind][value=${here.kind}][data-kept]`)) this.fields.kind.value = here.kind;
    this.changed();
  }

  changed() {
    const held = Object.fromEntries(["text", "version", "client_key", "device", "kind"].map((name) => [name, this.fields[name].value]));
    if (held.text.trim() || this.fields.upload) sessionStorage.setItem(this.place, JSON.stringify(held));
    else sessionStorage.removeItem(this.place);
    if (this.state === "moved") return;
    this.timer ??= setTimeout(() => this.save(), this.pause);
  }

  // One at a time, the last words always; a form that is being sent is not saved any more.
  async save({ kind = this.fields.kind.value, keepalive = false } = {}) {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.over || this.saving && !keepalive) { this.again = !this.over; return; }
    const body = new FormData(this.form);
    body.delete("files");
    body.set("kind", kind);
    const words = body.get("text");
    this.saving = new AbortController();
    const answer = await fetch(this.box.dataset.drafts, { method: "POST", body, keepalive, headers: { "HX-Request": "true" }, signal: this.saving.signal }).catch(() => null);
    this.saving = undefined;
    if (this.over) return;
    await this.heard(answer, words);
    if (this.again) { this.again = false; await this.save(); }
  }

  async heard(answer, words) {
    if (answer?.status === 409) {
      await htmx.swap({ sourceElement: this.box, target: this.box, text: await answer.text(), swap: "none" });
      return this.say("moved");
    }
    if (!answer?.ok) {
      if (!answer || answer.status >= 500) this.timer ??= setTimeout(() => this.save(), this.patience);
      return this.say("here");
    }
    this.fields.version.value = (await answer.json()).version;
    if (this.fields.text.value === words) sessionStorage.removeItem(this.place);
    this.say(words.trim() ? "saved" : "");
  }

  // The writer says that these words count: they stand in the place of the others.
  goOn({ goesOn, key }) {
    this.fields.version.value = goesOn;
    if (key) this.fields.client_key.value = key;
    this.box.querySelector("#draft_quarrel").replaceChildren();
    this.say("");
    return this.save();
  }

  say(state) {
    this.state = state;
    this.box.querySelector(".composer__state").dataset.is = state;
  }

  // What is sent, or has left the page, is not saved behind its back.
  end() {
    this.over = true;
    clearTimeout(this.timer);
    this.saving?.abort();
    document.removeEventListener("visibilitychange", this.flush);
    window.removeEventListener("online", this.wake);
  }
}
