"""Sanitizing: a stranger's HTML as something an agent's browser may show.

What stays is an allow-list. Nothing runs, nothing is fetched: remote images are *held*, their
address waits in `data-held-src` until a person asks for it. Images that came along keep their
`cid:` address for the caller to rewrite.
"""

from __future__ import annotations

import html as entities
import re
from functools import cache
from typing import NamedTuple

import nh3


def _words(text: str) -> set[str]:
    return set(text.split())


_TAGS = _words(
    "a abbr address article b bdi bdo big blockquote br caption center cite code col "
    "colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 "
    "h6 header hr i img ins kbd li main mark ol p pre q rp rt ruby s samp section small "
    "span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var "
    "wbr"
)
_DROPPED_WITH_CONTENT = _words(
    "script style title head template noscript iframe object embed applet frameset svg math "
    "select textarea button video audio canvas xml"
)
_EVERYWHERE = {"align", "dir", "lang", "title", "style", "valign", "bgcolor", "id"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "table": {"border", "cellpadding", "cellspacing", "width", "height"},
    "td": {"colspan", "rowspan", "width", "height"},
    "th": {"colspan", "rowspan", "width", "height", "scope"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "hr": {"width", "size"},
    "blockquote": {"type"},
    "time": {"datetime"},
}
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
    "border-right", "border-spacing", "border-style", "border-top", "border-width", "color",
    "direction", "display", "font-family", "font-style", "font-weight", "list-style-type",
    "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align",
    "text-decoration", "vertical-align", "white-space",
}  # fmt: skip
QUOTE_CLASSES = frozenset(
    ("gmail_quote", "gmail_extra", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote",
     "tutanota_quote", "zmail_extra", "desk_reply_marker", "gmail_signature",
     "moz-forward-container", "ydpyahoo_quoted", "gmail_attr")
)  # fmt: skip
QUOTE_IDS = frozenset(
    ("appendonsend", "divRplyFwdMsg", "OLK_SRC_BODY_SECTION", "isForwardContent",
     "mail-editor-reference-message-container", "isReplyContent", "reply-intro")
)  # fmt: skip
_UNSAFE_STYLE = re.compile(
    r"url\s*\(|expression|image|var\s*\(|attr\s*\(|element\s*\(|[\\@<>]", re.I
)
_DISPLAY = re.compile(r"display\s*:\s*(?!none\b)[^;]*;?", re.I)
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.I)
_SAFE_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z", re.I)
_IMAGE = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_REMOTE = re.compile(r'(?<= )src="((?:https?:)?//[^"]*)"', re.I)
_HELD = re.compile(r"<img[^<>]* data-held-src=")
_NESTABLE = re.compile(
    r"<(/?)(?!(?:p|li|br|img|hr|td|tr|th|dd|dt|meta|link|input|col|wbr|o)\b)[a-z]", re.I
)
_NUMERIC = re.compile(r"&#(\d{3,6});")
_MOST_ENTITIES = 50_000  # the cost of a text grows with the square of its entities
_DEEPEST = 400
_TAG = re.compile(r"<[^>]{0,5000}>")


class CleanHtml(NamedTuple):
    """Sanitised HTML and whether images are held back in it."""

    html: str
    has_held_images: bool


def sanitize_html(dirty: str) -> CleanHtml:
    """What may be shown of `dirty`."""
    if dirty.count("&") > _MOST_ENTITIES:
        dirty = _NUMERIC.sub(_letter, dirty)
    if dirty.count("&") > _MOST_ENTITIES or _is_too_deep(dirty):
        text = entities.escape(entities.unescape(_TAG.sub(" ", dirty)))
        return CleanHtml(f"<pre>{text}</pre>", False)
    clean = _cleaner().clean(dirty)
    held = _IMAGE.sub(_hold_image, clean)
    return CleanHtml(held.replace("\x00", "").strip(), _HELD.search(held) is not None)


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        url_relative="pass_through",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        allowed_classes={tag: set(QUOTE_CLASSES) for tag in ("div", "blockquote", "span", "table")},
        filter_style_properties=_STYLES,
    )


def _letter(found: re.Match[str]) -> str:
    """A letter beyond ASCII for the number that stands for it."""
    code = int(found[1])
    is_letter = 160 <= code < 0xD800 or 0xE000 <= code < 0x110000
    return chr(code) if is_letter else found[0]


def _filter_attribute(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style":
        return None if _UNSAFE_STYLE.search(value) else _DISPLAY.sub("", value)
    if attribute == "src":
        return _image_address(value.strip())
    if attribute == "href":
        return value if _SAFE_LINK.match(value.strip()) else None
    if attribute == "id":
        return value if value in QUOTE_IDS else None
    return value


def _image_address(value: str) -> str | None:
    if value[:4].lower() == "cid:":
        return "cid:" + value[4:].strip("<> ")
    if value.startswith("//") or _SAFE_LINK.match(value):
        return value
    return value if _SAFE_DATA.match(value) else None


def _hold_image(found: re.Match[str]) -> str:
    """An image whose address leads outside, with that address put aside. The sanitiser's output is
    canonical: attributes stand in double quotes and hold none, so a pattern can read it.
    """
    return f"<img{_REMOTE.sub(_put_aside, found[1])}>"


def _put_aside(found: re.Match[str]) -> str:
    return f'data-held-src="{found[1]}"'


def _is_too_deep(dirty: str) -> bool:
    """Whether tags nest so deep that their tree would take minutes (its cost is squared)."""
    if dirty.count("<") <= _DEEPEST:
        return False
    depth = deepest = 0
    for found in _NESTABLE.finditer(dirty):
        depth = max(depth - 1, 0) if found[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest > _DEEPEST
