// What is chosen for comfort is seen at once, before it is saved; the server paints it so from then on.
const ATTRIBUTES = { theme: "theme", contrast: "contrast", motion: "motion", density: "density", text_size: "text" };
const PLAIN = ["auto", "comfortable", "medium"];

class ComfortForm extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => this.show(event.target));
  }

  show({ name, value, checked }) {
    const root = document.documentElement;
    if (name === "has_single_keys") root.toggleAttribute("data-hotkeys", !checked);
    const attribute = ATTRIBUTES[name];
    if (!attribute) return;
    if (PLAIN.includes(value)) delete root.dataset[attribute];
    else root.dataset[attribute] = value;
  }
}
customElements.define("comfort-form", ComfortForm);
