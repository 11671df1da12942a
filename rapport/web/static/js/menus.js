// One menu open at a time; Escape and a click elsewhere close it and give the focus back.
const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details.menu[open]")) return;
  for (const menu of open()) if (menu !== event.target && !menu.contains(event.target)) menu.open = false;
  event.target.querySelector("[autofocus], input:not([type=hidden]), .menu__item")?.focus({ preventScroll: true });
}, true);

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("htmx:after:request", (event) => {
  const { request, sourceElement } = event.detail.ctx;
  if (request.method === "GET") return;
  for (const menu of open()) {
    if (!menu.contains(sourceElement)) continue;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus({ preventScroll: true });
    menu.open = false;
  }
});
