// A double click is one message: while a form is under way it does not go out again; its key makes a retry the same one.
const busy = new WeakSet();

document.addEventListener("submit", (event) => {
  if (busy.has(event.target)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  busy.add(event.target);
  event.target.setAttribute("aria-busy", "true");
  if (!event.target.hasAttribute("hx-post")) setTimeout(() => free(event.target), 8000);
}, true);

function free(form) {
  busy.delete(form);
  form.removeAttribute?.("aria-busy");
}

document.addEventListener("htmx:finally:request", (event) => free(event.detail.ctx.sourceElement));
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
