// Three panes and one address: links between conversations and lists change the panes, and so do back and forward.
// What cannot be shown so (a page of its own, another list behind a conversation) is loaded as ever.
import { say } from "rapport/troubles";

const CONVERSATION = /^\/inbox\/conversations\/C-\d+$/;
const PARTIAL = { "HX-Request": "true", "HX-Request-Type": "partial" };
const SCROLLED = { list: ".list .scroll", thread: ".thread__scroll" };
const KEPT = 30;
const MOST_PAGES = 20;
const PATIENCE = 3000;
const places = new Map(JSON.parse(sessionStorage.getItem("places") ?? "[]"));
let shown = location.pathname + location.search;
let asking;

// Which pane shows an address, and what is asked for it; nothing where a page must be loaded.
function wayTo(address) {
  const url = new URL(address, location.href);
  const [list, thread] = [document.querySelector("#list"), document.querySelector("#thread")];
  if (!list || !thread || url.origin !== location.origin || url.hash) return undefined;
  if (CONVERSATION.test(url.pathname)) {
    if (!url.searchParams.has("shelf")) url.searchParams.set("shelf", list.dataset.shelf);
    const path = url.pathname + url.search;
    return url.searchParams.get("shelf") === list.dataset.shelf ? { target: thread, path, ask: path } : undefined;
  }
  const isShelf = [...document.querySelectorAll("#shelves a")].some((link) => link.pathname === url.pathname);
  if (!isShelf || url.search) return undefined;
  if (url.pathname === `/inbox/${list.dataset.shelf}`) return { target: thread, path: url.pathname, ask: `${url.pathname}?pane=thread` };
  return { target: list, path: url.pathname, ask: url.pathname };
}

function note() {
  places.delete(shown);
  places.set(shown, Object.entries(SCROLLED).map(([name, place]) => [name, document.querySelector(place)?.scrollTop ?? 0]));
  if (places.size > KEPT) places.delete(places.keys().next().value);
}

const swapped = () => new Promise((go) => {
  setTimeout(go, PATIENCE);
  document.addEventListener("htmx:after:swap", () => requestAnimationFrame(go), { once: true });
});

// A list that was read further than its first page is read so far again.
async function scroll() {
  const at = shown;
  for (const [name, top] of [...(places.get(at) ?? [])].reverse()) {
    const pane = () => document.querySelector(SCROLLED[name]);
    if (pane()) pane().scrollTop = top;
    for (let page = 0; page < MOST_PAGES && shown === at && name === "list" && pane()?.scrollTop < top - 1; page++) {
      const more = pane().querySelector(".row__more a");
      if (!more) break;
      const come = swapped();
      more.dispatchEvent(new Event("further")); // a click on one that is on its way would load a page
      await come;
      pane().scrollTop = top;
    }
  }
}

async function show(way, { push }) {
  asking?.abort();
  asking = new AbortController();
  way.target.setAttribute("aria-busy", "true");
  const answer = await fetch(way.ask, { headers: PARTIAL, signal: asking.signal }).catch((fault) => (fault.name === "AbortError" ? undefined : null));
  if (answer === undefined) return;
  way.target.removeAttribute("aria-busy");
  if (answer === null || answer.status >= 500 && !answer.headers.get("HX-Reswap")) { say(answer ? "failed" : "away", () => show(way, { push })); return; }
  const elsewhere = answer.headers.get("HX-Redirect");
  if (elsewhere) { location.href = elsewhere; return; }
  const text = await answer.text();
  const swap = answer.ok ? "outerHTML" : "none";
  await htmx.swap({ sourceElement: way.target, target: way.target, text, swap, push: push && answer.ok ? way.path : null, request: { action: way.path } });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target) return;
  const way = wayTo(link.href);
  if (!way) return;
  event.preventDefault();
  note();
  show(way, { push: true });
});

document.addEventListener("htmx:before:history:restore", (event) => {
  note();
  shown = location.pathname + location.search;
  const way = wayTo(location.href);
  if (!way || way.path !== shown) { swapped().then(scroll); return; }
  event.preventDefault();
  show(way, { push: false }).then(scroll);
});
document.addEventListener("htmx:before:history:update", note);
document.addEventListener("htmx:after:history:push", () => { shown = location.pathname + location.search; });
window.addEventListener("pagehide", () => { note(); sessionStorage.setItem("places", JSON.stringify([...places])); });
if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") scroll();

// The customer's sheet on a narrow screen: it is entered when it opens, and Escape closes it.
window.addEventListener("hashchange", () => {
  if (!["#person", "#thread"].includes(location.hash)) return;
  const enter = () => document.querySelector(location.hash)?.focus({ preventScroll: true });
  requestAnimationFrame(() => requestAnimationFrame(enter));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && document.querySelector("#person:target")) location.hash = "#thread";
});
