// A list of which one is chosen while the focus stays in the field above it (an ARIA combobox with a listbox).
export class Choices {
  constructor(field, list) {
    Object.assign(this, { field, list });
    list.addEventListener("pointermove", (event) => this.choose(event.target.closest("[role=option]"), { shows: false }));
  }

  get all() {
    return [...this.list.querySelectorAll("[role=option]")].filter((one) => !one.hidden);
  }

  get chosen() {
    return this.all.find((one) => one.getAttribute("aria-selected") === "true");
  }

  choose(option, { shows = true } = {}) {
    if (!option || option === this.chosen) return;
    this.chosen?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    this.field.setAttribute("aria-activedescendant", option.id);
    if (shows) option.scrollIntoView({ block: "nearest" });
  }

  // What was chosen stays so while it stands; else the first.
  settle() {
    const { all, chosen } = this;
    if (!all.length) this.field.removeAttribute("aria-activedescendant");
    else if (!chosen) this.choose(all[0]);
  }

  // Arrows choose, Enter takes; all else goes on being typed.
  hear(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) this.step(by);
    else if (event.key === "Enter" && this.chosen) this.chosen.click();
    else return;
    event.preventDefault();
  }

  step(by) {
    const { all, chosen } = this;
    if (all.length) this.choose(all[(all.indexOf(chosen) + by + all.length) % all.length]);
  }
}
