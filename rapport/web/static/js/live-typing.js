// "Cy is writing a note": above the composer, read out once when somebody begins.
import { follow, peopleAt, unfollow } from "rapport/company";

class LiveTyping extends HTMLElement {
  connectedCallback() {
    this.draw = () => this.say();
    follow(this.draw);
  }

  disconnectedCallback() {
    unfollow(this.draw);
  }

  say() {
    const list = new Intl.ListFormat(document.documentElement.lang);
    const sentences = ["customer", "typing", "noting"].flatMap((doing) => {
      const names = peopleAt(this.dataset.stream).filter((person) => person.doing === doing).map((person) => person.name);
      const words = this.dataset[names.length > 1 ? `${doing}Many` : doing];
      return names.length ? [words.replace("{names}", list.format(names))] : [];
    });
    const place = this.querySelector(".typing__words");
    const said = sentences.join(" · ");
    if (place.textContent !== said) place.textContent = said;
    this.classList.toggle("typing--on", Boolean(said));
  }
}
customElements.define("live-typing", LiveTyping);
