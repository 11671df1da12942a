"""Paging: a page of rows ends in the key of its last row, so that its cost does not grow with its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

Row = TypeVar("Row")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Key:
    """A moment and a row's id: the order of a list, to the microsecond."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.id}"

    @classmethod
    def parse(cls, token: str) -> Key | None:
        """Read a printed key; None for anything else, so that a broken link shows the first page."""
        head, dot, tail = token.partition(".")
        try:
            key = cls(EPOCH + timedelta(microseconds=int(head)), int(tail))
        except (ValueError, OverflowError):
            return None
        return key if dot and 0 <= key.id < 2**63 else None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows and, where there are more, the key behind which they go on.

    `is_short` says that there may be more, but that looking further is for whoever asks for it.
    """

    rows: Sequence[Row]
    after: str = ""
    is_short: bool = False


def cut_page(found: Sequence[Row], *, size: int, key_of: Callable[[Row], Key]) -> Page[Row]:
    """A page out of up to `size + 1` rows that were found: the one too many only says that more follow."""
    if len(found) <= size:
        return Page(found)
    rows = found[:size]
    return Page(rows, str(key_of(rows[-1])))
