// Completion behind a sign: ":" brings emoji, "@" colleagues (in notes), "/" templates. The server finds them.
import { put } from "rapport/marking";
import { isComposing } from "rapport/keys";

const SIGNS = /(?:^|[\s(])([:@/])([^\s:@/]{1,40}(?: [^\s:@/]{1,20})?|)$/;
const FEWEST = { ":": 2, "@": 0, "/": 0 };

export class Completion {
  constructor(words, list, from) {
    Object.assign(this, { words, list, from });
    words.setAttribute("aria-controls", list.id);
    this.words.addEventListener("input", () => this.look());
    this.words.addEventListener("offers", () => this.look(true));
    this.words.addEventListener("keydown", (event) => this.typed(event), true);
    this.words.addEventListener("blur", () => setTimeout(() => this.close(), 200));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  asked() {
    const found = SIGNS.exec(this.words.value.slice(0, this.words.selectionEnd));
    if (!found || found[1] === "@" && this.words.form.elements.kind.value !== "note") return null;
    return { sign: found[1], begins: found[2], from: this.words.selectionEnd - found[1].length - found[2].length };
  }

  async look(forced = false) {
    const asked = this.asked();
    if (!asked || !forced && asked.begins.length < FEWEST[asked.sign]) return this.close();
    const query = new URLSearchParams({ sign: asked.sign, q: asked.begins });
    const mine = (this.turn = (this.turn ?? 0) + 1);
    const answer = await fetch(`${this.from}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (mine !== this.turn || !answer?.ok) return;
    await htmx.swap({ sourceElement: this.list, target: this.list, text: await answer.text(), swap: "innerHTML" });
    this.open(asked);
  }

  open(asked) {
    this.held = asked;
    this.options = [...this.list.querySelectorAll("[role=option]")];
    this.list.hidden = !this.options.length;
    if (this.options.length) this.choose(0);
  }

  choose(place) {
    this.place = (place + this.options.length) % this.options.length;
    this.options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.place)));
    this.options[this.place].scrollIntoView({ block: "nearest" });
    this.words.setAttribute("aria-activedescendant", this.options[this.place].id);
  }

  typed(event) {
    if (this.list.hidden || isComposing(event)) return;
    const does = { ArrowDown: () => this.choose(this.place + 1), ArrowUp: () => this.choose(this.place - 1), Escape: () => this.close(), Enter: () => this.take(this.options[this.place]), Tab: () => this.take(this.options[this.place]) }[event.key];
    if (!does || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  take(option) {
    if (!option) return;
    put(this.words, this.held.from, this.words.selectionEnd, option.dataset.inserts);
    this.close();
  }

  close() {
    this.turn = (this.turn ?? 0) + 1;
    this.list.hidden = true;
    this.words.removeAttribute("aria-activedescendant");
  }
}
