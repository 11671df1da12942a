// Markdown at the writer's hand: each change of the words can be taken back like typing.
const LINE = /^(\s*(?:[-*+]|\d{1,4}[.)]|>)\s+)(.*)$/;

// Puts `text` in the place of what stands between `from` and `to`.
export function put(words, from, to, text) {
  words.focus();
  words.setSelectionRange(from, to);
  if (text === "" && from === to) return;
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  words.setRangeText(text, from, to, "end");
  words.dispatchEvent(new Event("input", { bubbles: true }));
}

function wrap(words, sign) {
  const { selectionStart: from, selectionEnd: to, value } = words;
  const held = value.slice(from, to);
  const size = sign.length;
  if (value.slice(from - size, from) === sign && value.slice(to, to + size) === sign) {
    put(words, from - size, to + size, held);
    words.setSelectionRange(from - size, to - size);
    return;
  }
  put(words, from, to, sign + held + sign);
  words.setSelectionRange(from + size, to + size);
}

function lead(words, sign) {
  const { selectionStart, selectionEnd, value } = words;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const to = (value.indexOf("\n", selectionEnd) + 1 || value.length + 1) - 1;
  const lines = value.slice(from, to).split("\n");
  const all = lines.every((line) => line.startsWith(sign));
  const made = lines.map((line) => (all ? line.slice(sign.length) : sign + line)).join("\n");
  put(words, from, to, made);
}

function link(words) {
  const { selectionStart: from, selectionEnd: to, value } = words;
  const held = value.slice(from, to);
  if (/^https?:\/\/\S+$/.test(held)) {
    put(words, from, to, `[](${held})`);
    words.setSelectionRange(from + 1, from + 1);
    return;
  }
  put(words, from, to, `[${held}](https://)`);
  const at = from + held.length + 3;
  words.setSelectionRange(held ? at : from + 1, held ? at + 8 : from + 1);
}

function code(words) {
  const { selectionStart: from, selectionEnd: to, value } = words;
  if (!value.slice(from, to).includes("\n")) { wrap(words, "`"); return; }
  put(words, from, to, `\`\`\`\n${value.slice(from, to)}\n\`\`\``);
}

export const MARKS = {
  bold: (words) => wrap(words, "**"),
  italic: (words) => wrap(words, "_"),
  list: (words) => lead(words, "- "),
  quote: (words) => lead(words, "> "),
  link,
  code,
};

// A new line goes on with the list or the quote that it stands in; an empty item ends it. True when it did.
export function goOn(words) {
  const { selectionStart: at, selectionEnd, value } = words;
  if (at !== selectionEnd) return false;
  const from = value.lastIndexOf("\n", at - 1) + 1;
  const found = LINE.exec(value.slice(from, at));
  if (!found) return false;
  const [, sign, said] = found;
  if (!said) { put(words, from, at, ""); return true; }
  put(words, at, at, `\n${sign.replace(/\d+/, (number) => Number(number) + 1)}`);
  return true;
}
