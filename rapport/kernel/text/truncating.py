"""Truncating: one-line previews that never end in the middle of a letter.

A letter as people see it may be many characters: accents, joined emoji, flags, Hangul parts. A cut
falls between two of them, after a word where words have blanks.
"""

from __future__ import annotations

import re

from rapport.kernel.text.characters import HAN, KANA, MARKS

_FOLDED_LINE = re.compile(f"(?<=[{HAN}{KANA}])\r?\n(?=[{HAN}{KANA}])")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# Bidi controls could turn the line around the preview; a lone surrogate cannot be sent at all.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LONE = re.compile("[\ud800-\udfff]")
_EXTENDS = re.compile(
    f"[{MARKS}\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1160-\u11ff\u200c\u200d\u3099\u309a\uff9e\uff9f"
    "\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_FURTHEST_BACK = 64


def one_line(text: str) -> str:
    """The text on one line: blanks of any kind become one space, what cannot be shown goes.

    A line break in the middle of Chinese or Japanese leaves no space, as it stands for none.
    """
    if not text.isascii():
        text = _FOLDED_LINE.sub("", _LONE.sub("\ufffd", _TURNING.sub("", text)))
    return _BLANKS.sub(" ", text).strip()


def truncate_line(text: str, *, limit: int) -> str:
    """The beginning of a text on one line of at most `limit` characters, ending in … if cut.

    >>> truncate_line("Where is my order?", limit=12)
    'Where is my…'
    """
    line = one_line(text[: limit * 8 + 200])
    if len(line) <= limit:
        return line
    end = cut_before(line, max(limit - 1, 0))
    blank = line.rfind(" ", end - end // 4, end + 1)
    if blank > 0:
        end = blank
    return line[:end].rstrip() + "…" if limit > 0 else ""


def cut_before(text: str, index: int) -> int:
    """The last place at or before `index` where the text can be cut without breaking a letter."""
    if index >= len(text):
        return len(text)
    for place in range(index, max(0, index - _FURTHEST_BACK), -1):
        if not _joined_at(text, place):
            return place
    return index if index > _FURTHEST_BACK else 0


def _joined_at(text: str, place: int) -> bool:
    """Whether the characters on both sides of the place make one letter."""
    before, after = text[place - 1], text[place]
    if _EXTENDS.match(after) or before == "\u200d" or (before, after) == ("\r", "\n"):
        return True
    if _FLAG.match(after):
        run = 0
        while place - run > 0 and _FLAG.match(text[place - run - 1]):
            run += 1
        return run % 2 == 1
    return "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff"
