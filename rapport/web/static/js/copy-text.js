// A text with a button that copies it: <copy-text><code>…</code><button data-copies data-done="Copied">.
class CopyText extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("[data-copies]");
    button?.addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.querySelector("code").textContent);
      const words = button.textContent;
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = words; }, 2000);
    });
  }
}
customElements.define("copy-text", CopyText);
