"""Looking back: the ids that answer a question, stretch by stretch from the newest on, at a bounded cost.

How many messages must be looked at for twenty hits, nobody knows: for words that are frequent and hardly
ever together it may be all of them. So each look takes a stretch of ids (see `bucketing`), as wide as the
hits so far promise and the cost so far allows. When the budget is spent it is known how far back everything
was looked at, and the next page goes on from there.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction

from rapport.conversations.bucketing import NEAREST, Reach, reach_over, reach_within
from rapport.kernel.text.querying import SearchQuery

# The index names what may answer. Whether words adjoin it cannot say, and of an unfinished word it would read
# every list to its end: that is seen in the rows. Materialised, since the planner would walk the primary key.
_LOOK = """
WITH near AS MATERIALIZED (
    SELECT message_id FROM (SELECT message_id, vector FROM conversations_searchtext WHERE {met} OFFSET 0) row
    {seen})
SELECT ARRAY(SELECT message_id FROM near WHERE message_id < %s ORDER BY message_id DESC LIMIT %s),
       extract(epoch FROM clock_timestamp() - statement_timestamp())::float8 * 1000
"""
_SEEN = "WHERE vector @@ %s::tsquery"
_GROWTH = 64  # a stretch says little about one that is much wider
_CAUTION = 1.3  # hits come in clumps


@dataclass(frozen=True, slots=True)
class Budget:
    """What a page of hits may cost: milliseconds of the database, and looks. One look is always taken."""

    milliseconds: float = 40.0
    looks: int = 24


ORDINARY = Budget()
#: For whoever asked to go on.
PATIENT = Budget(milliseconds=200.0, looks=60)


class Look(NamedTuple):
    """What one look gave: the hits, and what it cost."""

    ids: list[int]
    milliseconds: float


@dataclass
class LookingBack:
    """A walk back from below `place`, of so many ids in all; everything from `place` on was looked at."""

    query: SearchQuery
    scope: Collection[str]
    place: int
    newest: int
    budget: Budget = ORDINARY
    _spent: float = 0.0
    _looks: int = 0
    _needed: float = 0.0
    _most: float = 0.0
    _by_beginnings: bool | None = None

    @property
    def is_at_the_end(self) -> bool:
        """Whether everything was looked at."""
        return self.place <= 1

    @property
    def is_over(self) -> bool:
        """Whether nothing is left, to look at or to spend."""
        is_spent = self._spent >= self.budget.milliseconds or self._looks >= self.budget.looks
        return self.is_at_the_end or (self._looks > 0 and is_spent)

    def look(self, wanted: int) -> list[int]:
        """The hits of the next stretch, newest first, at most so many."""
        reach = self._next_reach()
        look = self._look_by_beginnings(reach, wanted) if self._by_beginnings else None
        if look is None:
            reach = self._next_reach()
            look = self._look_by_words(reach, wanted)
        return self._take(look, reach, wanted)

    def _look_by_words(self, reach: Reach | None, wanted: int) -> Look:
        """What the index says of whole words, and the rest as the rows have it."""
        seen = self.query.literal if self.query.outline != self.query.literal else ""
        return _look(reach, self.query.outline, seen, self.scope, before=self.place, limit=wanted)

    def _look_by_beginnings(self, reach: Reach | None, wanted: int) -> Look | None:
        """What the index says of all that begins like an unfinished word.

        None where that takes too long, and it is not asked again: how much begins so shows when it is read.
        """
        within = max(self._left / 2, 1)
        literal, scope, place = self.query.literal, self.scope, self.place
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, true)", [f"{within:.0f}"]
                )
                look = _look(reach, literal, "", scope, before=place, limit=wanted)
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
                return look
        except OperationalError:
            self._by_beginnings, self._most = False, 0
            self._spent += within
            return None

    @property
    def _left(self) -> float:
        return self.budget.milliseconds - self._spent

    def _next_reach(self) -> Reach | None:
        if not self._looks:
            return NEAREST
        reach = reach_over(self._needed, before=self.place)
        if reach.width(before=self.place) > self._most:
            reach = reach_within(self._most, before=self.place)
        # the buckets are one list more to read, but leave out what was looked at before
        is_all = reach.width(before=self.place) >= self.place > self.newest / 2
        return None if is_all and (self.query.outline or self._by_beginnings) else reach

    def _take(self, look: Look, reach: Reach | None, wanted: int) -> list[int]:
        """Move on, and see how wide the next stretch may be by what this one gave and cost."""
        found, before = len(look.ids), self.place
        self.place -= reach.width(before=before) if reach else before
        if found >= wanted:
            self.place = look.ids[-1]
        self._looks += 1
        self._spent += look.milliseconds
        covered = before - self.place
        self._needed = covered * max(wanted - found, 1) * _CAUTION / (found + 1)
        affordable = covered * self._left / max(look.milliseconds, 0.01)
        if self.query.is_unfinished and self._by_beginnings is None:
            self._by_beginnings = affordable < min(self._needed, self.place) or None
        self._most = min(covered * _GROWTH, affordable * _CAUTION)
        return look.ids


def _look(
    reach: Reach | None,
    outline: str,
    seen: str,
    scope: Collection[str],
    *,
    before: int,
    limit: int,
) -> Look:
    """The newest ids of a reach that the index names and that are seen to answer; of all without a reach."""
    bucket = reach.query(before=before) if reach else ""
    conditions = [condition for condition in (bucket, outline, *scope) if condition]
    met = " AND ".join(["vector @@ %s::tsquery"] * len(conditions))
    statement = _LOOK.replace("{met}", met).replace("{seen}", _SEEN if seen else "")
    parameters: list[Any] = [*conditions, *([seen] if seen else []), before, limit]
    with ExitStack() as stack:
        if not reach:
            stack.enter_context(transaction.atomic())
        cursor = stack.enter_context(connection.cursor())
        if not reach:
            # few match now, but the planner cannot know: a sequential scan would read every message
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(statement, parameters)
        return Look(*cursor.fetchone())
