// Choosing rows: X takes the one in focus, Shift up to it; the bar says how many. Without scripts a click on the box does.
import { keyOf, typing } from "rapport/keys";

const BOX = ".row__pick input";
const boxes = () => [...document.querySelectorAll(`.list ${BOX}`)];

class PickMany extends HTMLElement {
  connectedCallback() {
    this.onKey = (event) => this.hear(event);
    this.onPick = (event) => event.target.matches?.(BOX) && this.pick(event);
    this.onChange = () => this.tell();
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("click", this.onPick);
    document.addEventListener("change", this.onChange);
    document.addEventListener("rows:settled", this.onChange);
    this.tell();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("click", this.onPick);
    document.removeEventListener("change", this.onChange);
    document.removeEventListener("rows:settled", this.onChange);
  }

  hear(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.documentElement.hasAttribute("data-hotkeys")) return;
    if (event.key === "Escape" && boxes().some((box) => box.checked)) { this.clear(); return; }
    if (keyOf(event).toLowerCase() !== "x") return;
    const row = document.activeElement.closest(".rows > li") ?? document.querySelector(".rows > li:has([aria-current])");
    row?.querySelector(BOX)?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }));
  }

  pick(event) {
    const all = boxes(), here = all.indexOf(event.target), from = all.indexOf(this.last);
    if (event.shiftKey && from >= 0) {
      for (const box of all.slice(Math.min(from, here), Math.max(from, here) + 1)) box.checked = event.target.checked;
    }
    this.last = event.target;
    this.tell();
  }

  clear() {
    for (const box of [...boxes(), ...this.querySelectorAll("[name=all]")]) box.checked = false;
    this.tell();
  }

  tell() {
    const count = boxes().filter((box) => box.checked).length;
    const words = this.querySelector("[data-chosen]");
    this.querySelector("output").textContent = count ? words.dataset.chosen.replace("{n}", count) : "";
  }
}
customElements.define("pick-many", PickMany);
