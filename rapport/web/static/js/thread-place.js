// Where a thread is opened: at the message that the address names, else at the line above what is new.
const ONE = /^#m-(\d+)$/;

class ThreadPlace extends HTMLElement {
  connectedCallback() {
    this.go = () => this.find(this.hash);
    window.addEventListener("hashchange", this.go);
    this.addEventListener("scroll", () => this.leaveEnd());
    const news = this.querySelector("#new");
    if (news && !this.named(this.hash)) news.scrollIntoView();
    else this.go();
  }

  disconnectedCallback() {
    window.removeEventListener("hashchange", this.go);
  }

  // While another conversation is being opened the address still names a message of the one before.
  get hash() {
    return location.pathname === this.dataset.address ? location.hash : "";
  }

  named(hash) {
    return ONE.test(hash) ? this.querySelector(hash) : null;
  }

  // A message that is not on the page has one of its own, with what was said around it.
  find(hash) {
    const place = this.named(hash);
    place?.scrollIntoView({ block: "center" });
    place?.focus({ preventScroll: true });
    const query = new URLSearchParams(location.search);
    const wanted = ONE.exec(hash)?.[1];
    if (place || !wanted || query.get("message") === wanted) return;
    query.set("message", wanted);
    location.search = query;
  }

  // At its very end the browser stays at the end: later words would carry the reader along.
  leaveEnd() {
    if (this.scrollTop === 0 && this.querySelector("#later")) this.scrollTop = -1;
  }
}
customElements.define("thread-place", ThreadPlace);
