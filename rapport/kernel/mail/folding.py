"""Folding: the new words of a mail apart from the history and the signature that come with it.

Nothing is thrown away: what is folded is kept beside. In doubt words stay words; a desk that shows
a quote too much is better than one that hides what a customer wrote.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rapport.kernel.mail.marking import is_automatic_signature, mark_lines

_ABOVE_QUOTES = re.compile(r"e*[bQ]+e*[qQ]+[qQe]*(?=t)")
_NOTHING_QUOTED_AFTER = re.compile(r"[^qQ]*")
_QUOTE_THEN_TAIL = re.compile(r"[beqQhd]*([te]*)(d[ted]*)?")
_CONTACT = re.compile(
    r"@|https?://|www\.|(?:tel|fax|phone|mobil|mob|kom|cell|phon)\w{0,4}\s?[.:]|\+\d[\d ()/.-]{6,}|"
    r"電話|电话|手机|手機|携帯|〒|℡|TEL",
    re.I,
)
_MOST_WORDS_OF_A_SIGNATURE_BELOW = 7
_MOST_LINES_OF_A_SIGNATURE = 15


class Folded(NamedTuple):
    """The parts of a text: new words, history, signature; each without blank lines around."""

    text: str
    quoted: str
    signature: str


def fold_text(text: str) -> Folded:
    """`text` (LF line ends) in its three parts."""
    lines, marks = mark_lines(text)
    if marks.strip("et"):
        kept, folded = _fold_history(marks)
    else:
        kept, folded = list(range(len(marks))), []
    kept, signed = _fold_signature(lines, marks, kept)
    if any(marks[place] == "t" for place in kept):
        while marks[kept[-1]] in "qQed":
            folded.append(kept.pop())
        folded.sort()
    return Folded(
        _join([lines[place] for place in kept]),
        _join([lines[place] for place in folded]),
        _join([lines[place] for place in signed]),
    )


def _join(lines: list[str]) -> str:
    """The lines as text, without blank lines around; the indent of the first line stays."""
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", "\n".join(lines).rstrip()) if lines else ""


def _fold_history(marks: str) -> tuple[list[int], list[int]]:
    """The line numbers of the words (with quotes they answer in place) and of the history."""
    start, end = 0, len(marks)
    above = marks.find("a")
    if above >= 0:
        end = above
    start = _start_of_words(marks, end)
    end = _end_of_words(marks, start, end)
    kept = [place for place in range(start, end) if marks[place] not in "bfhQ"]
    if not any(marks[place] in "tqd" for place in kept) and end < len(marks):
        return kept, [*range(start), *range(end, len(marks))]
    left_out = set(range(len(marks))) - set(kept)
    return kept, sorted(left_out)


def _start_of_words(marks: str, end: int) -> int:
    """Where the words begin when the history stands above them, else 0."""
    top = _ABOVE_QUOTES.match(marks, 0, end)
    if top:
        return top.end()
    lead = re.match(r"e*[bfd]*[bf]e*h*e*", marks[:end])
    if lead and "t" in marks[lead.end() : end]:
        return lead.end()
    return 0


def _end_of_words(marks: str, start: int, end: int) -> int:
    """Where the history below the words begins."""
    first_words = marks.find("t", start, end)
    if first_words < 0:
        return _trim_tail(marks, start, end) if "Q" in marks[start:end] else end
    for place in range(first_words, end):
        mark = marks[place]
        if mark in "hf" or (mark in "bQ" and _is_history_below(marks, place, end)):
            end = place
            break
    return _trim_tail(marks, first_words, end)


def _is_history_below(marks: str, place: int, end: int) -> bool:
    """Whether everything from the marker at `place` is history: nothing is quoted after it, or what
    follows the quotes is so short that it is a signature.
    """
    if _NOTHING_QUOTED_AFTER.fullmatch(marks, place, end):
        return True
    tail = _QUOTE_THEN_TAIL.fullmatch(marks, place, end)
    return bool(tail) and tail[1].count("t") < _MOST_WORDS_OF_A_SIGNATURE_BELOW  # type: ignore[index]


def _trim_tail(marks: str, start: int, end: int) -> int:
    """`end` without quotes, markers and what stands around them at the end of the words."""
    trimmed = end
    while trimmed > start and marks[trimmed - 1] in "qQbedh":
        trimmed -= 1
    has_history = any(mark in "qQbh" for mark in marks[trimmed:end]) or end < len(marks)
    return trimmed if has_history else end


def _fold_signature(lines: list[str], marks: str, kept: list[int]) -> tuple[list[int], list[int]]:
    """The words without the signature (and the rules) at their end, and these."""
    signed = _take_rules(marks, kept)
    while kept and (marks[kept[-1]] == "e" or _is_automatic(lines, marks, kept[-1])):
        signed.append(kept.pop())
    if not kept:
        return sorted(signed), []
    for place in reversed(kept[-_MOST_LINES_OF_A_SIGNATURE - 6 :]):
        if marks[place] == "d" and _is_signature(lines, marks, place, kept):
            cut = kept.index(place)
            signed += kept[cut:]
            del kept[cut:]
            signed += _take_rules(marks, kept)
            break
    return kept, sorted(signed)


def _take_rules(marks: str, kept: list[int]) -> list[int]:
    """The rules and empty lines at the end, taken off `kept`."""
    taken = []
    while kept and marks[kept[-1]] in "ed":
        taken.append(kept.pop())
    return taken


def _is_automatic(lines: list[str], marks: str, place: int) -> bool:
    return marks[place] in "td" and is_automatic_signature(lines[place])


def _is_signature(lines: list[str], marks: str, place: int, kept: list[int]) -> bool:
    """Whether the rule at `place` opens a signature that ends the words."""
    if not any(marks[one] == "t" for one in kept if one < place):
        return False
    below = [lines[one].strip() for one in kept if one > place and marks[one] == "t"]
    if not below or len(below) > _MOST_LINES_OF_A_SIGNATURE:
        return False
    rule = lines[place].strip()
    if rule in ("--", "—", "–") or lines[place] == "-- ":
        return True
    is_short = all(len(line) <= 80 for line in below)
    if marks[:place].rstrip("e")[-1:] == "q":
        return is_short
    return is_short and any(_CONTACT.search(line) for line in below)
