// A brand's look while its hue is chosen: the sample follows the slider.
class HueSample extends HTMLElement {
  connectedCallback() {
    const slider = document.querySelector(`[name="${this.dataset.of}"]`);
    const follow = () => this.style.setProperty("--hue", slider.value);
    slider?.addEventListener("input", follow);
    if (slider) follow();
  }
}
customElements.define("hue-sample", HueSample);
