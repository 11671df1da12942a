// The list below the words out of which somebody chooses how they go on.
import { Completion } from "rapport/completion";

class WordOffers extends HTMLElement {
  connectedCallback() {
    const words = this.closest("form").querySelector("textarea");
    this.completion = new Completion(words, this.querySelector("[role=listbox]"), this.dataset.from);
  }
}
customElements.define("word-offers", WordOffers);
