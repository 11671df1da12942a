"""Rendering: an agent's Markdown as HTML and as plain text, both readable without the other."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import nh3

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "td": {"align"},
    "th": {"align"},
    "ol": {"start"},
    "code": {"class"},
}
_IMAGE = re.compile(r"!\[([^\]\n]{0,200})\]\([^)\s]{1,2000}(?:\s+\"[^\"\n]{0,200}\")?\)")
_LINK = re.compile(r"\[([^\]\n]{1,500})\]\((https?://[^)\s]{1,2000}|mailto:[^)\s]{1,320})\)")
# Without any of these, Markdown is what it says.
_MARKUP = re.compile(
    r"[*_`#>\[\]<|~\\&]|^(?: {4}|\t|\s*(?:[-+]|\d{1,9}[.)])(?:\s|$)|\s*(?:---|===))", re.MULTILINE
)
_PAGE = """<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<style>:root {{ color-scheme: light dark }} pre {{ white-space: pre-wrap }}</style>
</head>
<body style="margin: 0; padding: 16px; font-family: system-ui, -apple-system, 'Segoe UI', sans-serif; \
font-size: 15px; line-height: 1.5">
<div dir="auto" style="max-width: 640px">
{body}
</div>
</body>
</html>
"""
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "yi", "ps", "dv", "ckb")


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A file that is fetched from elsewhere; `size` in words."""

    name: str
    size: str
    url: str


@dataclass(frozen=True, slots=True)
class Links:
    """Files that did not come along, below a line that says so."""

    heading: str
    files: Sequence[LinkedFile]

    def plain(self) -> str:
        """As plain text, each address on a line of its own."""
        named = [f"{_line(file.name)} ({file.size})\n{file.url}" for file in self.files]
        return "\n".join([self.heading, *named])

    def html(self) -> str:
        """As HTML."""
        rows = "\n".join(
            f'<li><a href="{entities.escape(file.url)}" rel="noopener noreferrer">'
            f"{entities.escape(_line(file.name))}</a> ({entities.escape(file.size)})</li>"
            for file in self.files
        )
        return f"<p>{entities.escape(self.heading)}</p>\n<ul>\n{rows}\n</ul>"


def _line(text: str) -> str:
    return " ".join(text.split())


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    return parser.enable(["table", "strikethrough", "linkify"])


def render_markdown(text: str) -> str:
    """`text` (Markdown) as sanitised HTML: no raw HTML, links made of addresses, own line breaks."""
    return nh3.clean(
        _markdown().render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer",
    ).strip()


def render_plain(text: str) -> str:
    """`text` (Markdown) for readers of plain text: pictures by their name, links with their address."""
    text = _IMAGE.sub(lambda found: f"[{found[1]}]" if found[1] else "", text)
    return _LINK.sub(_plain_link, text)


def read_words(text: str) -> str:
    """The words of `text` (Markdown) as its reader sees them, one block a line, for a preview.

    A link is its words without its address, a picture its name.
    """
    if not _MARKUP.search(text):
        return text
    return "\n".join(_words_in(token) for token in _markdown().parse(text) if token.content)


def _words_in(token: Token) -> str:
    if token.type != "inline":
        return token.content.rstrip("\n")
    return "".join(
        "\n" if part.type in ("softbreak", "hardbreak") else part.content
        for part in token.children or ()
    )


def _plain_link(found: re.Match[str]) -> str:
    address = found[2].removeprefix("mailto:")
    return address if found[1] == address else f"{found[1]} <{address}>"


def quote_plain(text: str) -> str:
    """`text` as mail quotes it: ">" before every line."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))


def quote_html(attribution: str, text: str) -> str:
    """Quoted history as HTML that other mailers (and we) fold."""
    lines = entities.escape(text.strip("\n"), quote=False).replace("\n", "<br>\n")
    return (
        f'<div class="gmail_quote"><div>{entities.escape(attribution, quote=False)}</div>\n'
        f'<blockquote type="cite" style="margin: 0 0 0 8px; padding-left: 8px; '
        f'border-left: 2px solid #999">{lines}</blockquote></div>'
    )


def render_page(body: str, *, language: str = "") -> str:
    """A whole page around `body`: one column, no colours of its own, so that dark mode works."""
    language = re.sub(r"[^A-Za-z0-9-]", "", language) or "en"
    is_right_to_left = language.partition("-")[0].lower() in _RIGHT_TO_LEFT
    return _PAGE.format(
        language=language, direction="rtl" if is_right_to_left else "ltr", body=body
    )
