// What the palette offers of this page: its actions with their words, and the conversations that were open last.
import { actions, shown, wordsOf } from "rapport/keys";

const KEPT = 6;
const PLACE = "recent";
const HERE = /^\/inbox\/conversations\/C-(\d+)$/;

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[łŁ]/g, "l").toLowerCase();

export const recent = () => localStorage.getItem(PLACE)?.split(",") ?? [];

export function remember() {
  const number = HERE.exec(location.pathname)?.[1];
  if (number) localStorage.setItem(PLACE, [number, ...recent().filter((each) => each !== number)].slice(0, KEPT).join());
}

const holds = (text, words) => plain(words).split(/\s+/).every((word) => plain(text).includes(word));

// What was found for other words, and does not hold these, steps aside until the server has answered.
export function sift(found, words) {
  for (const one of found.querySelectorAll("[role=option]")) one.hidden = !holds(one.textContent, words);
  for (const group of found.children) group.hidden = !group.querySelector("[role=option]:not([hidden])");
}

// Draws the actions whose words, or English words, hold all that is typed; the keys lead elsewhere are left to the server.
export function draw(group, template, { words, english }) {
  const found = [...actions(document)].filter(([key]) => !key.includes(" ")).map(([key, element]) => [key, element, wordsOf(element)])
    .filter(([, , said]) => holds(`${said} ${english[said] ?? ""}`, words));
  const rows = found.map(([key, element, said]) => {
    const row = template.content.firstElementChild.cloneNode(true);
    Object.assign(row, { id: `do_${key.codePointAt(0)}`, action: element });
    row.querySelector("span").textContent = said;
    row.querySelector("kbd").textContent = shown(key);
    return row;
  });
  group.replaceChildren(group.firstElementChild, ...rows);
  group.hidden = !rows.length;
}
