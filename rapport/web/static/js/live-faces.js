// The faces of colleagues: in the head of a conversation, and on the rows of those that somebody looks at.
import { follow, peopleAt, putFaces, streams, unfollow } from "rapport/company";

const colleagues = (stream, most) => peopleAt(stream).filter((person) => person.doing !== "customer").slice(0, most);

class LiveFaces extends HTMLElement {
  connectedCallback() {
    this.draw = () => putFaces(this, colleagues(this.dataset.stream, 5));
    follow(this.draw);
  }

  disconnectedCallback() {
    unfollow(this.draw);
  }
}
customElements.define("live-faces", LiveFaces);

class RowFaces extends HTMLElement {
  connectedCallback() {
    this.draw = () => this.put();
    follow(this.draw);
  }

  disconnectedCallback() {
    unfollow(this.draw);
  }

  put() {
    for (const stream of streams()) {
      const foot = document.getElementById(stream.replace("conversation:", "row_"))?.querySelector(".row__foot");
      if (!foot || !colleagues(stream, 3).length) continue;
      let place = foot.querySelector(".row__lookers");
      if (!place) {
        place = this.querySelector("template").content.firstElementChild.cloneNode();
        place.dataset.stream = stream;
        foot.append(place);
      }
      putFaces(place, colleagues(stream, 3));
    }
    for (const place of document.querySelectorAll(".row__lookers")) if (!colleagues(place.dataset.stream, 1).length) place.remove();
  }
}
customElements.define("row-faces", RowFaces);
