// Keys work where they are shown: the element with data-key is pressed, opened or focused. J and K walk the list.
const typing = (target) => target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

if (/Mac|iPhone|iPad/.test(navigator.platform)) document.documentElement.dataset.keys = "mac";

function press(target) {
  if (target.matches("summary")) { target.parentElement.open = !target.parentElement.open; target.focus(); return; }
  if (target.matches("input:not([type=radio], [type=checkbox]), textarea")) { target.focus(); target.select?.(); return; }
  target.click();
}

function walk(step) {
  const links = [...document.querySelectorAll("ol.rows a.row")];
  if (!links.length) return;
  const here = links.indexOf(document.activeElement);
  const start = here >= 0 ? here : links.findIndex((link) => link.hasAttribute("aria-current"));
  links[Math.min(Math.max(start + step, 0), links.length - 1)].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
    event.target.form?.querySelector("[data-sends]")?.click();
    return;
  }
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
  if (event.key === "j" || event.key === "k") { walk(event.key === "j" ? 1 : -1); event.preventDefault(); return; }
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)];
  const target = found.findLast((one) => one.checkVisibility() || one.matches("[type=radio]"));
  if (target && !target.disabled) { event.preventDefault(); press(target); }
});
