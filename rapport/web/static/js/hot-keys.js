// Keys work where they are shown: the element with data-key is pressed, opened or focused. J and K walk the list.
// Never while words are composed or typed, never with Ctrl, Alt or ⌘; whoever turned single keys off has none of them.
import { actions, isCommand, isComposing, isMac, keyOf, press, typing } from "rapport/keys";
import { rest } from "rapport/keep-focus";

const PATIENCE = 1500;
const WALKED = "ol.rows a.row, a.result";
let begun = "";
let waiting;

if (isMac) document.documentElement.dataset.keys = "mac";

function walk(step, { opens = false } = {}) {
  const links = [...document.querySelectorAll(WALKED)].filter((link) => link.checkVisibility());
  if (!links.length) return;
  const here = links.indexOf(document.activeElement);
  const start = here >= 0 && !opens ? here : links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = links[Math.min(Math.max(start + step, 0), links.length - 1)];
  next.focus();
  if (opens) next.click();
}

const WALKS = {
  j: () => walk(1),
  k: () => walk(-1),
  J: () => walk(1, { opens: true }),
  K: () => walk(-1, { opens: true }),
  u: () => document.querySelector("ol.rows a.row[aria-current], ol.rows a.row")?.focus(),
};

function forget() {
  clearTimeout(waiting);
  begun = "";
}

function hear(event) {
  const known = actions();
  const keys = begun + keyOf(event);
  forget();
  if (known.has(keys)) { event.preventDefault(); press(known.get(keys)); return; }
  if ([...known.keys()].some((each) => each.startsWith(`${keys} `))) {
    begun = `${keys} `;
    waiting = setTimeout(forget, PATIENCE);
  } else if (WALKS[keys] && !document.querySelector("dialog[open]")) { WALKS[keys](); event.preventDefault(); }
}

function send(event) {
  const form = event.target.form ?? event.target.closest?.("form");
  const button = form?.querySelector(event.shiftKey ? "[name=then][value=solve]" : "[data-sends]");
  if (button?.checkVisibility()) { event.preventDefault(); button.click(); }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isComposing(event)) return;
  if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) { send(event); return; }
  if (event.key === "Escape") {
    forget();
    if (typing(event.target) && !event.target.closest("dialog")) rest(event.target);
    return;
  }
  if (isCommand(event) || event.metaKey || event.ctrlKey || event.altKey || event.repeat && begun) return;
  if (typing(event.target) || document.documentElement.hasAttribute("data-hotkeys")) return;
  hear(event);
});
