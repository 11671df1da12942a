"""Bucketing: marks in a search vector by which the newest matches are found without the others.

Each message carries the numbers of the buckets it lies in, at five widths, and whose it is. A search
asks for `mark & words`: the index then walks only through the messages of that bucket, so that the
most frequent word costs as little at a million messages as at ten thousand.
"""

from __future__ import annotations

from collections.abc import Iterable

#: Messages per bucket, by the letter of their mark; each eight times as wide as the one before.
WIDTHS = {"v": 256, "w": 2_048, "x": 16_384, "y": 131_072, "z": 1_048_576}


def bucket_marks(message_id: int) -> list[str]:
    """The marks of the buckets that a message lies in."""
    return [f"#{letter}{message_id // width}" for letter, width in WIDTHS.items()]


def scope_marks(team_id: int | None, assignee_id: int | None) -> list[str]:
    """The marks that say whose a conversation is: its team (0 for none) and its assignee."""
    return [f"#t{team_id or 0}", *([f"#a{assignee_id}"] if assignee_id else [])]


def newest_bucket(letter: str, *, before: int) -> str:
    """A `tsquery` for the messages just before an id: its bucket and the one before that."""
    number = (before - 1) // WIDTHS[letter]
    return " | ".join(f"'#{letter}{n}'" for n in (number, number - 1) if n >= 0)


def covered(letter: str, *, before: int) -> int:
    """How many ids `newest_bucket` covers."""
    width = WIDTHS[letter]
    return (before - 1) % width + 1 + (width if before > width else 0)


def scope_query(team_ids: Iterable[int], agent_id: int) -> str:
    """A `tsquery` for what an agent of these teams may see."""
    marks = ["#t0", *(f"#t{team}" for team in sorted(team_ids)), f"#a{agent_id}"]
    return " | ".join(f"'{mark}'" for mark in marks)


def next_letter(letter: str, *, found: int, among: int, wanted: int) -> str:
    """The next bucket to try: as wide as the hits so far promise, "" for all messages."""
    needed = among * wanted / (found + 1)
    wider = list(WIDTHS)[list(WIDTHS).index(letter) + 1 :]
    return next((name for name in wider if WIDTHS[name] >= needed), "")
