// The order of a list whose rows come in one by one: each once, in its place, and never from under the pointer.
const rowsOf = (list) => [...list.querySelectorAll(":scope > [data-order]")];

// A row that came anew stands above the one it was before: it takes that one's place, its focus and its tick.
export function thin(list) {
  const seen = new Map(), replaced = new Set();
  for (const row of rowsOf(list)) {
    const fresh = seen.get(row.id);
    if (!fresh) { seen.set(row.id, row); continue; }
    const had = row.contains(document.activeElement);
    const [box, before] = [fresh, row].map((one) => one.querySelector(".row__pick input"));
    if (box && before?.checked) box.checked = true;
    row.replaceWith(fresh);
    replaced.add(fresh);
    if (had) fresh.querySelector("a").focus({ preventScroll: true });
  }
  return replaced;
}

// What lies behind the last row that was fetched comes with the rows before it.
export function trim(list, sign) {
  const end = list.querySelector(":scope > [data-end]")?.dataset.end.split(".")[0];
  if (!end) return;
  for (const row of rowsOf(list)) if (sign * (row.dataset.order - end) > 0) row.remove();
}

export function sort(list, sign) {
  const rows = rowsOf(list);
  const sorted = [...rows].sort((one, other) => sign * (one.dataset.order - other.dataset.order));
  if (sorted.every((row, place) => row === rows[place])) return;
  const focused = document.activeElement;
  list.prepend(...sorted);
  if (list.contains(focused)) focused.focus({ preventScroll: true });
}

// New rows above the one that the pointer is on: the list goes up by as much as they are high.
export function steady(list, added, replaced) {
  const under = list.querySelector(":scope > li:hover");
  if (!under) return;
  const above = added.filter((row) => row.isConnected && !replaced.has(row) && row !== under
    && row.compareDocumentPosition(under) & Node.DOCUMENT_POSITION_FOLLOWING);
  if (above.length) list.parentElement.scrollTop += above.reduce((sum, row) => sum + row.offsetHeight, 0);
}
