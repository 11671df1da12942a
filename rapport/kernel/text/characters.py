"""Characters: which Han character stands for which, and which script a character belongs to.

The table is read at first use from the dictionaries of the installed OpenCC package, without its
converter: 35 kB of characters are enough, and its phrases would cost ten times the memory.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# Pairs that customers and agents mix freely but that no character table folds: 回覆/回复,
# 看著/看着, 帳號/账号, 計畫/计划, 妳/你.
_SAME_WORD = {
    "覆": "复",
    "著": "着",
    "帐": "账",
    "划": "画",
    "瞭": "了",
    "藉": "借",
    "祇": "只",
    "衹": "只",
    "彷": "仿",
    "囘": "回",
    "妳": "你",
    "牠": "它",
    "馀": "余",
    "锺": "钟",
    "讬": "托",
    "麽": "么",
    "浜": "滨",
}

# What NGRAM means: scripts written without spaces, or (Hangul) with particles glued on, so that
# a word cannot be cut out and pairs of characters are indexed instead.
HAN = "々〇〆\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe"
HANGUL = "\uac00-\ud7a3"
SPACELESS = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ede\u1000-\u104f\u1780-\u17d3"
NGRAM = HAN + KANA + HANGUL + SPACELESS

# Marks that belong to the letter before them but that `\w` leaves out.
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u0900-\u0903\u093a-\u094f\u0951-\u0957"
    "\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u0a01-\u0a03\u0a3c-\u0a4d\u0a81-\u0a83"
    "\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b4d\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c4d"
    "\u0c81-\u0c83\u0cbc-\u0ccd\u0d00-\u0d03\u0d3b-\u0d4d"
)

# Invisible: soft hyphens, zero-width joiners and spaces, bidi controls, variation selectors.
INVISIBLE = (
    "\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f\U000e0100-\U000e01ef"
)


@cache
def han_folds() -> dict[str, str]:
    """Every Han character that has a more common twin, with that twin (mostly its Simplified form).

    Japanese forms are included where they are no ordinary Chinese character: 駅 → 驿, but 芸 stays.
    """
    folds = {old: new.split(" ")[0] for old, new in _pairs("TSCharacters") if len(old) == 1}
    for name in ("JPVariants", "TWVariants", "HKVariants"):
        for old, news in _pairs(name):
            for new in news.split(" "):
                if new not in folds and new != folds.get(old, old) and not _is_simplified(new):
                    folds[new] = folds.get(old, old)
    folds.update(_SAME_WORD)
    return {old: folds.get(new, new) for old, new in folds.items() if old != folds.get(new, new)}


@cache
def exclusive_han() -> tuple[frozenset[str], frozenset[str]]:
    """Characters that only Traditional texts use, and those that only Simplified texts use."""
    simplified_of = {old: new.split(" ") for old, new in _pairs("TSCharacters") if len(old) == 1}
    traditional_of = {old: new.split(" ") for old, new in _pairs("STCharacters") if len(old) == 1}
    traditional = frozenset(
        old for old, news in simplified_of.items() if old not in news and old not in traditional_of
    )
    simplified = frozenset(
        old for old, news in traditional_of.items() if old not in news and old not in simplified_of
    )
    return traditional, simplified


@cache
def shinjitai() -> frozenset[str]:
    """Characters that only Japanese writes: a text with them and without kana is Japanese."""
    _, simplified = exclusive_han()
    known = {old for old, _ in _pairs("TSCharacters")}
    return frozenset(
        new
        for _, news in _pairs("JPVariants")
        for new in news.split(" ")
        if new not in known and new not in simplified and not _is_simplified(new)
    )


def _pairs(name: str) -> Iterator[tuple[str, str]]:
    """The lines of one of OpenCC's dictionaries."""
    spec = importlib.util.find_spec("opencc")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("opencc-python-reimplemented is not installed", name="opencc")
    path = Path(spec.origin).parent / "dictionary" / f"{name}.txt"
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            old, _, new = line.rstrip("\r\n").partition("\t")
            if new:
                yield old, new


def _is_simplified(char: str) -> bool:
    """Whether the character belongs to everyday Simplified Chinese (GB 2312)."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
