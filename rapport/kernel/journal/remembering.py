"""Remembering: what of the journal this process has read already, so that each entry is read once for all who ask.

A line of what was said, up to the last entry behind which nothing can appear any more. What has been committed
beyond that is told, too, each time again, until it is settled.
"""

from __future__ import annotations

import json
import time
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple

from rapport.kernel.journal.positions import START, Position

MOST_READ, MOST_KEPT, STALE = 1_000, 20_000, 600.0
#: A column: what was said behind a position, as JSON, and whether that position still stands.
READ = f"""(SELECT json_agg(json_build_array(x.era, x.xid, x.id, x.is_settled, x.kind, x.subject_kind,
                                            x.subject_id, x.streams))::text
 FROM (SELECT e.*, e.era < (SELECT max(era) FROM journal_entry)
              OR e.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS is_settled
       FROM journal_entry e
       WHERE (e.era, e.xid, e.id)
             > (%(read_era)s::smallint, %(read_xid)s::bigint, %(read_id)s::bigint)
       ORDER BY e.era, e.xid, e.id LIMIT {MOST_READ}) x),
 EXISTS (SELECT FROM journal_entry e WHERE (e.era, e.xid, e.id)
         = (%(read_era)s::smallint, %(read_xid)s::bigint, %(read_id)s::bigint))"""  # noqa: S608
_NEVER = Position(32_767, 2**63 - 1, 2**63 - 1)


class Said(NamedTuple):
    """Which rows somebody spoke of, each as (kind of subject, number)."""

    subjects: frozenset[tuple[str, int]]


@dataclass
class Line:
    """What this process remembers. `begin` is where it begins, None before anything was read."""

    begin: Position | None = None
    end: Position = START
    read_at: float = 0.0
    #: How often it has begun anew: what was true of another line says nothing of this one.
    age: int = 0
    places: list[Position] = field(default_factory=list)
    said: list[frozenset[tuple[str, int]]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def parameters(self) -> Mapping[str, Any]:
        """What `READ` needs to go on from here."""
        asked = self.end if self.begin is not None else _NEVER
        return {"read_era": asked.era, "read_xid": asked.xid, "read_id": asked.id}

    def hear(
        self, since: Mapping[str, Any], text: str | None, stands: bool, *, now: Position
    ) -> Said:
        """Take what was read since there; returns what is committed beyond the end of the line.

        Begins anew, at `now`, where it has fallen behind, or where the journal is another one.
        """
        asked = Position(since["read_era"], since["read_xid"], since["read_id"])
        rows = json.loads(text or "[]")
        with self.lock:
            is_stale = time.monotonic() - self.read_at > STALE
            if asked == _NEVER or is_stale or len(rows) >= MOST_READ or not _stands(asked, stands):
                if self.begin is None or asked == self.end or is_stale:
                    self._begin_anew(now)
                return Said(frozenset())
            self.read_at = time.monotonic()
            beyond: set[tuple[str, int]] = set()
            for era, xid, number, is_settled, *about in rows:
                subjects = _subjects(*about)
                if not is_settled:
                    beyond |= subjects
                elif (place := Position(era, xid, number)) > self.end:
                    self.places.append(place)
                    self.said.append(subjects)
                    self.end = place
            self._forget_oldest()
        return Said(frozenset(beyond))

    def since(self, position: Position, *, age: int) -> frozenset[tuple[str, int]] | None:
        """Of what was spoken behind a position; None where that is not remembered."""
        with self.lock:
            if self.begin is None or position < self.begin or age != self.age:
                return None
            return frozenset().union(*self.said[bisect_right(self.places, position) :])

    def forget(self) -> None:
        """Remember nothing."""
        with self.lock:
            self.begin, self.end = None, START
            self.places, self.said = [], []

    def _begin_anew(self, now: Position) -> None:
        self.begin = self.end = now
        self.age += 1
        self.read_at = time.monotonic()
        self.places, self.said = [], []

    def _forget_oldest(self) -> None:
        if len(self.places) > MOST_KEPT:
            half = len(self.places) // 2
            self.begin = self.places[half - 1]
            self.places, self.said = self.places[half:], self.said[half:]


def _stands(asked: Position, stands: bool) -> bool:
    return stands or asked == START


def _subjects(
    kind: str, subject_kind: str, number: int, streams: str
) -> frozenset[tuple[str, int]]:
    """What an entry is about: its subject, and each conversation that hears of it."""
    found = {(subject_kind, number)}
    for stream in streams.split():
        name, _, rest = stream.partition(":")
        if name == "conversation" and rest.isdigit():
            found.add((name, int(rest)))
    if kind.startswith("customers."):
        found.add(("customer", number))
    return frozenset(found)


def numbers_of(subjects: Iterable[tuple[str, int]], kind: str) -> set[int]:
    """The numbers of the subjects of one kind."""
    return {number for name, number in subjects if name == kind}
