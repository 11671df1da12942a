"""Naming emoji: the signs that every device draws in colour, found by their names in Unicode.

The names are English: Python carries no others. What people call a sign beside its name stands in `CALLED`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

#: What is offered before anything is typed.
USUAL = "🙂😀😂😊😉😍🤔😅😢👍👎🙏👏🎉🔥✅❌👋💪✨🚀📦📷🔗"
CALLED = {
    "smile": "😄😊🙂", "happy": "😀😊", "laugh": "😂🤣", "joy": "😂", "lol": "😂", "sad": "😢🙁", "cry": "😢😭",
    "wink": "😉", "think": "🤔", "sorry": "😔🙏", "thanks": "🙏😊", "please": "🙏", "pray": "🙏", "thumbsup": "👍",
    "+1": "👍", "yes": "👍✅", "thumbsdown": "👎", "-1": "👎", "no": "👎❌", "ok": "👌🆗", "clap": "👏",
    "wave": "👋", "hello": "👋", "hi": "👋", "bye": "👋", "tada": "🎉", "party": "🎉🥳", "love": "😍💕",
    "check": "✅", "done": "✅", "cross": "❌", "bug": "🐛", "parcel": "📦",
    "mail": "📧📨", "phone": "📱📞", "idea": "💡", "warning": "🚧🚨",
    "angry": "😠😡", "sweat": "😅", "strong": "💪", "shrug": "🤷", "eyes": "👀", "heart": "💙💚💛🧡💜🖤",
}  # fmt: skip
_BLOCKS = ((0x231A, 0x23FF), (0x25FD, 0x27BF), (0x2B1B, 0x2B55), (0x1F300, 0x1F64F),
           (0x1F680, 0x1F6FF), (0x1F7E0, 0x1F7EB), (0x1F90C, 0x1F9FF), (0x1FA70, 0x1FAFF))  # fmt: skip


class Emoji(NamedTuple):
    """A sign and its name in small letters."""

    sign: str
    name: str


def find_emoji(words: str, *, limit: int) -> list[Emoji]:
    """Those whose names hold all of the words, the ones that are called so first; the usual ones for none."""
    asked = words.casefold().replace("_", " ").replace("-", " ").split() or []
    if not asked:
        return [Emoji(sign, _name(sign)) for sign in USUAL][:limit]
    called = [Emoji(sign, _name(sign)) for sign in _called(words.casefold())]
    named = [each for each in _all() if all(word in each.name for word in asked)]
    named.sort(key=lambda each: (not each.name.startswith(asked[0]), len(each.name)))
    return list(dict.fromkeys([*called, *named]))[:limit]


def _called(word: str) -> Iterator[str]:
    for name, signs in CALLED.items():
        if name.startswith(word):
            yield from signs


def _name(sign: str) -> str:
    return unicodedata.name(sign, "").lower()


@lru_cache(maxsize=1)
def _all() -> list[Emoji]:
    """Signs that are drawn wide stand for themselves in colour; tones of skin are none of their own."""
    signs = (chr(code) for first, last in _BLOCKS for code in range(first, last + 1))
    wide = (s for s in signs if unicodedata.east_asian_width(s) == "W")
    return [Emoji(s, _name(s)) for s in wide if unicodedata.category(s) == "So"]
