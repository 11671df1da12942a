"""Bucketing: marks in a search vector by which the newest matches are found without the others.

Each message carries the numbers of the buckets it lies in, at five widths, and whose it is. A search
asks for `mark & words`: the index then walks only through the messages of that bucket, so that the
most frequent word costs as little at a million messages as at ten thousand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

#: Messages per bucket, by the letter of their mark; each eight times as wide as the one before.
WIDTHS = {"v": 256, "w": 2_048, "x": 16_384, "y": 131_072, "z": 1_048_576}

# a look into the long lists of many wide buckets costs more than what it overshoots costs
_MOST_BUCKETS = {"v": 5, "w": 5, "x": 5, "y": 2, "z": 2}


def bucket_marks(message_id: int) -> list[str]:
    """The marks of the buckets that a message lies in."""
    return [f"#{letter}{message_id // width}" for letter, width in WIDTHS.items()]


def scope_marks(team_id: int | None, assignee_id: int | None) -> list[str]:
    """The marks that say whose a conversation is: its team (0 for none) and its assignee."""
    return [f"#t{team_id or 0}", *([f"#a{assignee_id}"] if assignee_id else [])]


class Reach(NamedTuple):
    """How far back from an id a look goes: so many buckets of one letter, the newest cut short."""

    letter: str
    buckets: int

    def query(self, *, before: int) -> str:
        """A `tsquery` for the messages just before the id."""
        newest = (before - 1) // WIDTHS[self.letter]
        oldest = max(newest - self.buckets + 1, 0)
        return " | ".join(f"'#{self.letter}{n}'" for n in range(newest, oldest - 1, -1))

    def width(self, *, before: int) -> int:
        """How many ids that covers."""
        width = WIDTHS[self.letter]
        return min((before - 1) % width + 1 + (self.buckets - 1) * width, before)


NEAREST = Reach("v", 2)


def reach_over(width: float, *, before: int) -> Reach:
    """The reach of at least so many ids just before one: of the narrowest buckets that need not be many."""
    for letter, each in WIDTHS.items():
        buckets = math.ceil(min(width, before) / each) + 1
        if buckets <= _MOST_BUCKETS[letter]:
            return Reach(letter, buckets)
    return Reach(letter, _MOST_BUCKETS[letter])


def reach_within(width: float, *, before: int) -> Reach:
    """The widest reach of no more ids than that; of one narrow bucket where that is more already."""
    reaches = (
        Reach(letter, buckets)
        for letter in WIDTHS
        for buckets in range(1, _MOST_BUCKETS[letter] + 1)
    )
    fitting = (reach for reach in reaches if reach.width(before=before) <= width)
    narrowest = Reach("v", 1)
    return max(fitting, key=lambda reach: reach.width(before=before), default=narrowest)


def scope_query(team_ids: Iterable[int], agent_id: int) -> str:
    """A `tsquery` for what an agent of these teams may see."""
    marks = ["#t0", *(f"#t{team}" for team in sorted(team_ids)), f"#a{agent_id}"]
    return " | ".join(f"'{mark}'" for mark in marks)
