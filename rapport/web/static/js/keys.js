// What a pressed key means on any keyboard, and what on this page answers to it.
const EDITABLE = "input:not([type=radio], [type=checkbox], [type=range], [type=button]), textarea, select, [contenteditable]";
const GAP = " ";

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
export const typing = (target) => target.closest?.(EDITABLE);
export const isComposing = (event) => event.isComposing || event.keyCode === 229;
export const isCommand = (event) => (isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey) && !event.altKey;

// Letters of another script count by their place on the keyboard, full-width signs as their narrow ones.
export function keyOf(event) {
  let key = event.key?.normalize("NFKC") ?? "";
  if (key.length === 1 && !/[\x21-\x7e]/.test(key)) key = /^(?:Key|Digit)(\w)$/.exec(event.code)?.[1] ?? key;
  if (/^[a-z]$/i.test(key)) key = event.shiftKey ? key.toUpperCase() : key.toLowerCase();
  return key;
}

// Of many alike (each message has its own) the one counts in which the focus is, else the last.
// An action in a closed menu is at hand, too; a place to go to even where the narrow screen hides its link.
const isReady = (one) => !one.disabled && one.getAttribute("aria-disabled") !== "true" && (
  one.checkVisibility() || one.matches("[type=radio]") || one.dataset.key.includes(GAP)
  || Boolean(one.closest("details.menu")?.checkVisibility()));

export function actions(scope = document.querySelector("dialog[open]") ?? document) {
  const found = new Map();
  for (const one of scope.querySelectorAll("[data-key]")) if (isReady(one)) found.set(one.dataset.key, one);
  const here = document.activeElement?.closest("[id^=message_]");
  for (const one of here?.querySelectorAll("[data-key]") ?? []) if (isReady(one)) found.set(one.dataset.key, one);
  return found;
}

export function press(target) {
  if (target.matches("summary")) { target.parentElement.open = !target.parentElement.open; target.focus(); return; }
  if (typing(target)) { target.focus(); target.select?.(); return; }
  target.click();
  if (target.matches("[type=radio]")) target.form?.querySelector("textarea")?.focus();
}

// What an action is called: as it is read out, without the key that stands beside it.
export function wordsOf(element) {
  const said = element.getAttribute("aria-label") || element.title;
  if (said) return said;
  const copy = (element.labels?.[0] ?? element).cloneNode(true);
  for (const beside of copy.querySelectorAll("kbd, .views__count, .tag, [aria-hidden=true]")) beside.remove();
  return copy.textContent.replace(/\s+/g, GAP).trim();
}

export const shown = (step) => (/^[A-Z]$/.test(step) ? `⇧${step}` : step.toUpperCase());
