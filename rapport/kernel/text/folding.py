"""Folding: two spellings of one word become the same string.

`fold` levels case, width, compatibility forms, digits, katakana and Traditional/Simplified/Japanese
variants, and drops invisible characters; accents stay, since stemming needs them.
`strip_accents` then levels those (ł → l, ø → o, ß is already ss).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rapport.kernel.text.characters import INVISIBLE, MARKS, han_folds

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u0640]+"
)
_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŀ": "l"}
    | {"æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n", "ĸ": "k"}
)
# What melts into the letter before it under NFKC: accents, Hangul vowels, voiced kana.
_MELTING = f"{MARKS}\u1160-\u11ff\u3099\u309a\uff9e\uff9f"
_MELTS = re.compile(f"[{_MELTING}]")
_CLUSTER = re.compile(f"[\\s\\S][{_MELTING}{INVISIBLE}]*")
_MOVES = re.compile(f"[{_MELTING}{INVISIBLE}]")
# Latin letters without any of these fold one by one; a third of the time for a word.
_NOT_PLAIN = re.compile("[\u00ad\u0250-\U0010ffff]")
_PIECE = re.compile(r"\s?[^\s]*|\s")
_KEPT = 16_384


class _Table(dict[int, int | str]):
    """What each character folds to, learned as characters come by, bounded in size."""

    def __missing__(self, code: int) -> int | str:
        if not self:
            self.update({ord(old): new for old, new in han_folds().items()})
            if code in self:
                return self[code]
        char = chr(code)
        folded: int | str = _fold_character(char)
        if folded == char:
            folded = code
        if len(self) < _KEPT:
            self[code] = folded
        return folded


_table = _Table()


class _BareLatin(dict[int, str]):
    """What each Latin letter is without its accents, learned as letters come by."""

    def __missing__(self, code: int) -> str:
        self[code] = bare = _strip_accents(chr(code))
        return bare


_bare = _BareLatin()


def fold(text: str) -> str:
    """The text in one case, one width, one script form; accents are kept. Never fails.

    >>> fold("ＡＢＣ 客戶")
    'abc 客户'
    """
    if text.isascii():
        return text.lower()
    if not _NOT_PLAIN.search(text):
        return text.translate(_table)
    text = _INVISIBLE.sub("", text)
    if _MELTS.search(text):  # else each character folds alone: five times faster on Chinese
        text = unicodedata.normalize("NFKC", text)
    return text.translate(_table)


def fold_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its characters the index in the original it came from.

    One more offset than characters: the last is the length of the original.
    """
    if text.isascii():
        return text.lower(), range(len(text) + 1)
    parts: list[str] = []
    offsets: list[int] = []
    for piece in _PIECE.finditer(text):
        folded = fold(piece[0])
        start = piece.start()
        if len(folded) == len(piece[0]) and not _MOVES.search(piece[0]):
            parts.append(folded)
            offsets.extend(range(start, piece.end()))
            continue
        for cluster in _CLUSTER.finditer(piece[0]):
            folded = fold(cluster[0])
            parts.append(folded)
            offsets.extend([start + cluster.start()] * len(folded))
    offsets.append(len(text))
    return "".join(parts), offsets


def strip_accents(folded: str) -> str:
    """A folded word without diacritics: łódź and lodz become one.

    >>> strip_accents("łódź")
    'lodz'
    """
    if folded.isascii():
        return folded
    return _strip_accents(folded) if _NOT_PLAIN.search(folded) else folded.translate(_bare)


def _strip_accents(folded: str) -> str:
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


def _fold_character(char: str) -> str:
    """One character's fold; a wide or circled one folds on as what it stands for."""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if "\u30a1" <= char <= "\u30f6":
        return chr(ord(char) - 0x60)  # katakana → hiragana
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    return folded if char in folded else fold(folded)
