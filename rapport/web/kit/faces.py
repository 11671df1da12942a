"""Faces: two signs and a colour by which a person is told from the next one at a glance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

TURNS = 12
WORDS = re.compile(r"[^\W\d_]+", re.UNICODE)
HAN = re.compile(r"[㐀-鿿豈-﫿々]+")


@dataclass(frozen=True, slots=True)
class Face:
    """What stands in the circle, and which of the twelve colours it has."""

    signs: str
    turn: int


@lru_cache(maxsize=4096)
def face_of(name: str) -> Face:
    """The face of a name (or of an address, where nobody gave a name), the same wherever it stands."""
    return Face(initials(name), crc32(name.encode("utf-8", "replace")) % TURNS)


def initials(name: str) -> str:
    """Ewa Łukasik → EŁ, Cy → CY, 陳怡君 → 君, dora@example.com → DO, nothing → ?."""
    words: list[str] = WORDS.findall(name.partition("@")[0]) or WORDS.findall(name)
    if not words:
        return "?"
    if HAN.fullmatch(words[0]):
        return words[0][-1]
    if len(words) == 1:
        return words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper()
