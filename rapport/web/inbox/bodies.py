"""Bodies: the words of a message as the reader sees them, history folded, nothing of a stranger's run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from markdown_it import MarkdownIt

LINK = re.compile(
    r"https?://[^\s<>\"'\u3000-\u303f\uff00-\uffef]*[^\s<>\"'\u3000-\u303f\uff00-\uffef.,;:!?)\]]"
)
PLACE = re.compile(r'src="cid:([^"]*)"')
RICH = re.compile(r"<(?:img|table|ul|ol|a|b|strong|i|em|h[1-6]|code|pre|blockquote)\b")
#: A tag as the sanitiser writes it: attributes in double quotes that hold none.
TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>')
ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
KEPT = {"href", "target", "rel", "title", "lang", "dir", "alt", "src", "start", "value", "datetime"}
CELLS = {"colspan", "rowspan"}
VOID = {"br", "img", "hr", "wbr", "col"}
QUOTES = re.compile(r'class="[^"]*(?:gmail_quote|yahoo_quoted|protonmail_quote|tutanota_quote)')
BELOW = re.compile(r'id="(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION)"')
#: Formatted mails longer than this (mailings, mostly) are shown by their plain words.
LONGEST = 60_000
#: Characters up to which what was made of them is kept: two thousand newsletters would fill the memory.
LONGEST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Body:
    """`words` are safe HTML; plain ones keep their line breaks; partial ones have more in the formatted view."""

    words: SafeString
    is_plain: bool
    is_partial: bool = False
    has_held_images: bool = False


def body_of(text: str, html: str, *, quoted: str = "", files: Mapping[str, str]) -> Body:
    """A stranger's words: formatted where formatting says something and its history can be folded.

    `files` are the addresses of the pictures that came along, by their content id.
    """
    if not html or (len(html) > LONGEST and text):
        return Body(linked(text), True, is_partial=bool(html))
    folds = "<blockquote" in html or QUOTES.search(html) or BELOW.search(html)
    if not text or (RICH.search(html) and (folds or not quoted)):
        shown = _ready(fold_history(plain_look(html, files)))
        return Body(shown, False, has_held_images="data-held-src=" in shown)
    return Body(linked(text), True, is_partial=True)


def markdown(text: str) -> SafeString:
    """Our own words: Markdown without HTML in it; long ones are rendered anew each time."""
    return _rendered(text) if len(text) <= LONGEST_KEPT else _rendered.__wrapped__(text)


def place_pictures(html: SafeString, files: Mapping[str, str]) -> SafeString:
    """Our own words with the pictures that came along in their places; `files` are addresses by content id."""
    if 'src="cid:' not in html:
        return html
    return _ready(PLACE.sub(lambda found: f'src="{escape(files.get(found[1], ""))}"', html))


@lru_cache(maxsize=2048)
def _rendered(text: str) -> SafeString:
    return _ready(MARKDOWN.render(text))


MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
MARKDOWN.enable(["table", "strikethrough", "linkify"])


def linked(text: str) -> SafeString:
    """Plain text with its web addresses as links that tell nobody where their reader came from."""
    if "://" not in text:
        return _ready(escape(text))
    parts: list[str] = []
    end = 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        link = (
            f'<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">{address}</a>'
        )
        parts += escape(text[end : found.start()]), link
        end = found.end()
    return _ready("".join([*parts, escape(text[end:])]))


def plain_look(html: str, files: Mapping[str, str]) -> str:
    """Sanitised HTML in our own look: structure, emphasis, links and pictures, but no colours or fonts."""

    def rewrite(tag: re.Match[str]) -> str:
        slash, name, attributes = tag.groups()
        if slash or not attributes:
            return tag[0]
        kept = "".join(
            _attribute(name, attribute, value, files)
            for attribute, value in ATTRIBUTE.findall(attributes)
        )
        return f"<{name}{kept}>"

    return TAG.sub(rewrite, html)


def _attribute(element: str, name: str, value: str, files: Mapping[str, str]) -> str:
    if name == "src" and value.startswith("cid:"):
        value = files.get(value[4:], "")
        return f' src="{escape(value)}" loading="lazy"' if value else ""
    if name in ("class", "id") and (
        QUOTES.match(f'{name}="{value}') or BELOW.match(f'id="{value}"')
    ):
        return f' {name}="{value}"'
    if element == "img" and name in ("width", "height", "data-held-src"):
        return f' {name}="{value}"'
    if name in KEPT or (name in CELLS and element in ("td", "th")):
        return f' {name}="{value}"'
    return ""


def fold_history(html: str) -> str:
    """Fold, not delete, what was quoted: a quote with no words behind it, or all below a mailer's line."""
    for tag in TAG.finditer(html):
        is_below = bool(BELOW.search(tag[3]))
        if tag[1] or not (tag[2] == "blockquote" or is_below or QUOTES.search(tag[3])):
            continue
        end = _end_of(html, tag, within_parent=is_below)
        if is_below or not _says_something(html[end:]):
            label = escape(gettext("Earlier words"))
            folded = f'<details class="fold"><summary>{label}</summary>{html[tag.start() : end]}</details>'
            return html[: tag.start()] + folded + html[end:]
    return html


def _end_of(html: str, opening: re.Match[str], *, within_parent: bool) -> int:
    """Where an element ends, or the one that it stands in."""
    depth = 1
    for tag in TAG.finditer(html, opening.end()):
        if tag[2] in VOID:
            continue
        depth += -1 if tag[1] else 1
        if depth == 0 and not within_parent:
            return tag.end()
        if depth < 0:
            return tag.start()
    return len(html)


def _says_something(html: str) -> bool:
    for quote in TAG.finditer(html):
        if quote[2] == "blockquote" and not quote[1]:
            html = html[: quote.start()]
            break
    return bool(TAG.sub("", html).replace("&nbsp;", "").strip())


def _ready(html: str) -> SafeString:
    """Escaped here, or sanitised when the message was taken in."""
    return mark_safe(html)  # noqa: S308


def formatted(html: str, files: Mapping[str, str], *, show_held: bool) -> str:
    """Sanitised HTML with its own looks, as a document for a sandboxed frame."""

    def rewrite(tag: re.Match[str]) -> str:
        if tag[2] != "img":
            return tag[0]
        attributes = tag[3]
        for value in CID.findall(attributes):
            attributes = attributes.replace(f'src="cid:{value}"', f'src="{files.get(value, "")}"')
        if show_held:
            attributes = attributes.replace(" data-held-src=", " src=")
        return f"<img{attributes}>"

    words = TAG.sub(rewrite, html)
    return (
        f'<!doctype html><meta charset="utf-8"><base target="_blank"><style>{FRAME}</style>{words}'
    )


CID = re.compile(r'src="cid:([^"]*)"')
FRAME = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:1rem;color:#222;background:#fff;"
    "overflow-wrap:anywhere}img{max-width:100%;height:auto}img:not([src]){display:none}"
)


def whole_source(raw: bytes) -> str:
    """Raw bytes to be looked at: what is no UTF-8 is shown as Latin-1 shows it."""
    try:
        return raw.decode("utf-8").replace("\x00", "\u2400")
    except UnicodeDecodeError:
        return raw.decode("latin-1").replace("\x00", "\u2400")
