// A security key as second step: the browser asks for it, the form carries its answer.
class SecurityKey extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.querySelector("[data-asks]").addEventListener("click", () => this.ask());
  }

  async ask() {
    const { creation_options: made, request_options: asked } = JSON.parse(document.getElementById(this.dataset.options).textContent);
    const Credential = window.PublicKeyCredential;
    if (!Credential?.parseCreationOptionsFromJSON) { this.tell(this.dataset.unable); return; }
    try {
      const found = made
        ? await navigator.credentials.create({ publicKey: Credential.parseCreationOptionsFromJSON(made.publicKey) })
        : await navigator.credentials.get({ publicKey: Credential.parseRequestOptionsFromJSON(asked.publicKey) });
      this.form.elements.credential.value = JSON.stringify(found.toJSON());
      this.form.requestSubmit();
    } catch {
      this.tell(this.dataset.refused);
    }
  }

  tell(words) {
    const place = this.querySelector("[role=alert]");
    place.textContent = words;
    place.hidden = false;
  }
}
customElements.define("security-key", SecurityKey);
