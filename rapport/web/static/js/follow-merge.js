// Whoever looks on while a conversation goes into another one is led there, unless words of theirs stand here.

class FollowMerge extends HTMLElement {
  connectedCallback() {
    const isNews = this.closest("#thread")?.querySelector("composer-box"); // gone before it was opened, it has none
    const isWriting = this.closest("#thread")?.querySelector(".composer__text")?.value.trim();
    if (isNews && !isWriting) this.querySelector("a").click();
  }
}
customElements.define("follow-merge", FollowMerge);
