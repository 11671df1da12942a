"""Retaining: news that nobody measures may go after its days; everything else stays for good.

A kind says for itself how long it is kept (`Event.keep_days`). Nothing goes that a follower has not read. Kinds
with the same days are looked for together, in the order of the rows, and where the last look ended is kept: a
night reads what has grown old since, and not the journal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from rapport.kernel import clock
from rapport.kernel.journal.events import KINDS
from rapport.kernel.journal.following import FOLLOWERS

#: A stretch of the journal up to the first row that is too young: takes away what is wanted of it, and says how
#: many that were, where it ended, and whether more of it may follow. MATERIALIZED: it is read once.
FORGET = """
WITH line AS MATERIALIZED (
    SELECT id, kind, recorded_at FROM journal_entry
    WHERE id > %(after)s AND id < %(unread)s ORDER BY id LIMIT %(limit)s
), young AS (
    SELECT min(id) AS id FROM line WHERE recorded_at >= %(before)s
), old AS (
    SELECT id, kind FROM line WHERE id < coalesce((SELECT id FROM young), 9223372036854775807)
), gone AS (
    DELETE FROM journal_entry WHERE id = ANY(ARRAY(SELECT id FROM old WHERE kind = ANY(%(kinds)s)))
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT max(id) FROM old),
       (SELECT count(*) FROM old) = %(limit)s
"""
#: The lowest entry that some follower has not read yet.
UNREAD = """
SELECT coalesce(min(e.id), (SELECT max(id) + 1 FROM journal_entry)) FROM journal_entry e
WHERE (e.era, e.xid, e.id) > (
    SELECT c.era, c.xid, c.entry FROM journal_cursor c WHERE c.name = ANY(%s)
    ORDER BY c.era, c.xid, c.entry LIMIT 1)
"""


def forget_old_entries(*, limit: int = 10_000) -> int:
    """Delete entries that are past the days of their kind, `limit` rows looked at a time; returns how many."""
    unread = _first_unread()
    if unread is None:
        return 0
    by_days: dict[int, list[str]] = {}
    for kind, event in sorted(KINDS.items()):
        if event.keep_days is not None:
            by_days.setdefault(event.keep_days, []).append(kind)
    return sum(
        _forget(kinds, before=clock.now() - timedelta(days=days), unread=unread, limit=limit)
        for days, kinds in by_days.items()
    )


def _forget(kinds: Sequence[str], *, before: datetime, unread: int, limit: int) -> int:
    forgotten, has_more = 0, True
    while has_more:
        count, has_more = _forget_stretch(kinds, before=before, unread=unread, limit=limit)
        forgotten += count
    return forgotten


def _forget_stretch(
    kinds: Sequence[str], *, before: datetime, unread: int, limit: int
) -> tuple[int, bool]:
    """One stretch, and the place where it ended, in one commit."""
    from rapport.kernel.journal.models import Cursor

    with transaction.atomic(), connection.cursor() as asking:
        name = _place_of(kinds)
        Cursor.objects.get_or_create(name=name)
        place = Cursor.objects.select_for_update().get(name=name)
        given: dict[str, Any] = {
            "kinds": list(kinds),
            "before": before,
            "unread": unread,
            "limit": limit,
        }
        asking.execute(FORGET, {**given, "after": place.entry})
        count, end, has_more = asking.fetchone()
        if end is not None:
            Cursor.objects.filter(name=name).update(entry=end, moved_at=clock.now())
    return count, has_more


def _place_of(kinds: Sequence[str]) -> str:
    """The name of the place for these kinds together: with another among them the look begins anew."""
    return f"retaining~{hashlib.sha256(' '.join(kinds).encode()).hexdigest()[:16]}"


def _first_unread() -> int | None:
    """The id from which on a follower may still want to read; None where one has never begun."""
    from rapport.kernel.journal.models import Cursor

    names = list(FOLLOWERS)
    if Cursor.objects.filter(name__in=names).count() < len(names):
        return None
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [names])
        row = cursor.fetchone()
    return row[0] if row else None
