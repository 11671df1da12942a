"""Flattening: sanitised HTML as plain text, in which quoted history is marked with ">" as in mail."""

from __future__ import annotations

import html as entities
import re

from rapport.kernel.mail.sanitizing import QUOTE_IDS

_TOKEN = re.compile(r'<(/?)([a-z0-9]+)((?: [a-z-]+="[^"]*")*)>|([^<]+)|<')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_VOID = frozenset(("br", "img", "hr", "col", "wbr"))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS = _words(
    "address article blockquote caption center dd details div dl dt figcaption figure "
    "footer header li main ol pre section summary table tr ul h1 h2 h3 h4 h5 h6 p hr"
)
_SPACED = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"))
_QUOTES = re.compile(
    r"\b(?:gmail_quote|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|ydpyahoo_quoted)\b"
)
_HISTORY_FOLLOWS = QUOTE_IDS - {"OLK_SRC_BODY_SECTION"}
_SPACES = re.compile(r"[ \t\n]+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_LONGEST_LINK = 120


def flatten_html(clean: str) -> str:
    """The text of `clean`, HTML as `sanitize_html` gives it."""
    writer = _Writer()
    for closing, tag, attributes, text in _TOKEN.findall(clean):
        if text:
            writer.write(text)
        elif tag and closing:
            writer.close(tag)
        elif tag:
            writer.open(tag, dict(_ATTRIBUTE.findall(attributes)) if attributes else {})
    return writer.text()


class _Writer:
    """Lines of text with their quote depth, built tag by tag."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str]] = []
        self._line: list[str] = []
        self._open: list[
            tuple[str, int, str]
        ] = []  # tag, quote depth outside of it, link or number
        self._depth = 0
        self._hidden = ""
        self._hidden_depth = 0
        self._pre = 0

    def write(self, text: str) -> None:
        """Add text between tags."""
        if self._hidden:
            return
        text = (
            entities.unescape(text).replace("\xa0", " ").replace("\u200c", "").replace("\u200b", "")
        )
        if self._pre:
            first, *rest = text.split("\n")
            self._line.append(first)
            for line in rest:
                self._break()
                self._line.append(line)
            return
        text = _SPACES.sub(" ", text)
        if not self._line or self._line[-1].endswith(" "):
            text = text.lstrip(" ")
        if text:
            self._line.append(text)

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        """Enter an element."""
        if self._hidden:
            self._hidden_depth += tag == self._hidden
            return
        if "display:none" in attributes.get("style", "") and tag not in _VOID:
            self._hidden, self._hidden_depth = tag, 1
            return
        if tag in _BLOCKS:
            self._start_block(tag)
        if tag in _VOID:
            self._void(tag, attributes)
            return
        self._open.append((tag, self._depth, attributes.get("href", "")))
        self._pre += tag == "pre"
        if self._is_quote(tag, attributes):
            self._depth += 1
        elif attributes.get("id") in _HISTORY_FOLLOWS:
            self._depth += 1
            self._open = [(name, self._depth, extra) for name, _, extra in self._open]
        if tag == "li":
            self._line.append("- ")
        elif tag in ("td", "th") and self._line:
            self._line.append(" ")

    @staticmethod
    def _is_quote(tag: str, attributes: dict[str, str]) -> bool:
        if tag == "blockquote":
            return True
        named = attributes.get("class", "")
        return (
            bool(named and _QUOTES.search(named)) or attributes.get("id") == "OLK_SRC_BODY_SECTION"
        )

    def close(self, tag: str) -> None:
        """Leave an element."""
        if self._hidden:
            self._hidden_depth -= tag == self._hidden
            if not self._hidden_depth:
                self._hidden = ""
            return
        while self._open:
            name, depth, link = self._open.pop()
            if name == "a" and link:
                self._name_link(link)
            if name in _BLOCKS:
                self._start_block(name)
            self._pre -= name == "pre"
            self._depth = depth
            if name == tag:
                return

    def _start_block(self, tag: str) -> None:
        if self._line:
            self._break()
        if tag in _SPACED and self._lines and self._lines[-1][1].strip():
            self._lines.append((self._depth, ""))

    def _void(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "br":
            self._break()
        elif tag == "img" and len(attributes.get("alt", "")) > 2:
            self.write(f"[{attributes['alt']}]")

    def _name_link(self, link: str) -> None:
        shown = "".join(self._line)
        link = entities.unescape(link)
        bare = link.removeprefix("mailto:").removeprefix("tel:").rstrip("/")
        if len(link) <= _LONGEST_LINK and re.sub(r"^https?://", "", bare) not in shown:
            self._line.append(f" <{bare}>")

    def _break(self) -> None:
        line = "".join(self._line)
        self._lines.append((self._depth, line.rstrip() if self._pre else line.strip()))
        self._line = []

    def text(self) -> str:
        """The lines so far, quoted ones behind ">"."""
        if self._line:
            self._break()
        lines = [
            f"{'>' * min(depth, 20)} {line}".rstrip() if depth else line
            for depth, line in self._lines
        ]
        return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
