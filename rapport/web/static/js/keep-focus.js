// Focus is never lost: when what had it goes, what stands in its place has it, else its pane.
const PANES = "dialog, #thread, .list, #person, .views, main";
let last;
let outside;

const rows = () => [...document.querySelectorAll(".list a.row")];
const attribute = (element, name) => element.getAttribute?.(name);

function note(element) {
  if (!(element instanceof Element) || element === document.body) return;
  const pane = element.closest(PANES);
  last = {
    element,
    pane: pane?.id ? `#${pane.id}` : pane?.matches(".list") ? ".list" : "",
    alike: ["id", "data-key", "name", "href"].map((name) => [name, attribute(element, name)]).filter(([, value]) => value),
    value: attribute(element, "value"),
    isInMenu: Boolean(element.closest(".menu__sheet")),
    index: rows().indexOf(element),
  };
  if (!element.closest("dialog")) outside = last;
}

function again({ pane, alike, value }) {
  const place = (pane && document.querySelector(pane)) || document;
  for (const [name, is] of alike) {
    const found = [...place.querySelectorAll(`[${name}="${CSS.escape(is)}"]`)].filter((one) => one.checkVisibility() && !one.disabled);
    const same = found.find((one) => attribute(one, "value") === value) ?? (name === "name" && value ? undefined : found[0]);
    if (same) return same;
  }
  return undefined;
}

// The row that is open, else the one that stands where the one stood that went.
const nearest = () => document.querySelector(".list a.row[aria-current]") ?? rows().slice(0, Math.max(last?.index ?? 0, 0) + 1).at(-1);

// The pane that somebody was in; in the list the row that is open. What cannot have focus is made to.
export function rest(from) {
  const pane = from?.closest?.(PANES) ?? document.querySelector(last?.pane || "#thread");
  const row = pane?.matches(".list") ? nearest() : undefined;
  const places = [row, pane, document.querySelector("#thread"), document.querySelector("main")];
  const place = places.find((one) => one?.checkVisibility());
  if (!place) return;
  if (!place.matches("a, [tabindex]")) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

const isLost = () => {
  const now = document.activeElement;
  return !now || now === document.body || !now.isConnected || !now.checkVisibility();
};

export function mend() {
  if (!last || !document.hasFocus() || !isLost()) return;
  if (last.element.closest("dialog:not([open])")) last = outside ?? last;
  const menu = last.isInMenu && document.querySelector("details.menu[open] :is(input:not([type=hidden]), .menu__item)");
  const stays = last.element.isConnected && last.element.checkVisibility();
  const found = (stays && last.element) || menu || again(last);
  if (found) found.focus({ preventScroll: true });
  else rest();
}

document.addEventListener("focusin", (event) => note(event.target));
// A click on bare ground gives the focus away on purpose.
document.addEventListener("pointerdown", (event) => { if (!event.target.closest("a, button, input, textarea, select, summary, label")) last = undefined; });
new MutationObserver(() => { if (last && !last.element.isConnected) mend(); }).observe(document.documentElement, { childList: true, subtree: true });
document.addEventListener("close", () => requestAnimationFrame(mend), true);
document.addEventListener("htmx:after:swap", () => requestAnimationFrame(() => requestAnimationFrame(mend)));
// Back and forward take the focus away at their end.
window.navigation?.addEventListener("navigatesuccess", () => requestAnimationFrame(mend));
