// What went wrong with a request, said in a bar: what happened, what was kept, and once more by one press.
// The words stand in the page (data-trouble), made by the server.
const WAIT = 20;

export function say(name, again) {
  const template = document.querySelector(`template[data-trouble="${name}"]`);
  const bars = document.querySelector("#flashes");
  if (!template || !bars) return;
  for (const old of bars.querySelectorAll(`[data-said="${name}"]`)) old.remove();
  const flash = template.content.firstElementChild.cloneNode(true);
  Object.assign(flash.dataset, { said: name, seconds: String(WAIT) });
  const button = flash.querySelector("[data-again]");
  if (again) button.addEventListener("click", () => { flash.remove(); again(); });
  else button.remove();
  bars.append(flash);
}

const began = new WeakMap();
const LONG = 19000; // htmx gives up at 20 s, by the same abort with which it leaves an answer that nobody wants any more
const QUIET = "live-updates, [role=combobox]";

function again({ sourceElement: source, request }) {
  if (!source.isConnected) return undefined;
  return () => (source.matches("form") ? source.requestSubmit(request.submitter) : source.click());
}

document.addEventListener("htmx:before:request", (event) => began.set(event.detail.ctx, performance.now()));
document.addEventListener("htmx:error", (event) => {
  const { ctx, error } = event.detail;
  if (!ctx || ctx.response || ctx.sourceElement.matches?.(QUIET)) return;
  if (error?.name === "AbortError" && performance.now() - (began.get(ctx) ?? 0) < LONG) return;
  say("away", again(ctx));
});

// Our own refusals say what is amiss; a page of something between us is not put into a pane.
document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status < 500 || ctx.hx.reswap) return;
  Object.assign(ctx, { text: "" });
  ctx.hx.reswap = "none";
  if (!ctx.sourceElement.matches?.(QUIET)) say("failed", again(ctx));
});
