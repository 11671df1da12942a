// Light, dark or as the system has it; kept in a cookie so that the server paints the right one at once.
class ThemeToggle extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => this.choose(event.target.value));
  }

  choose(theme) {
    const year = 31536000;
    document.cookie = `theme=${theme}; path=/; max-age=${year}; samesite=lax`;
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }
}
customElements.define("theme-toggle", ThemeToggle);
