"""Retaining: news that nobody measures may go after its days; everything else stays for good.

A kind says for itself how long it is kept (`Event.keep_days`). Nothing goes that a follower has not read.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from rapport.kernel import clock
from rapport.kernel.journal.events import KINDS
from rapport.kernel.journal.following import FOLLOWERS

FORGET = """
DELETE FROM journal_entry WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM journal_entry
    WHERE kind = %s AND recorded_at < %s AND id < %s
    ORDER BY id LIMIT %s))
"""
#: The lowest entry that some follower has not read yet.
UNREAD = """
SELECT coalesce(min(e.id), (SELECT max(id) + 1 FROM journal_entry)) FROM journal_entry e
WHERE (e.era, e.xid, e.id) > (
    SELECT c.era, c.xid, c.entry FROM journal_cursor c WHERE c.name = ANY(%s)
    ORDER BY c.era, c.xid, c.entry LIMIT 1)
"""


def forget_old_entries(*, limit: int = 10_000) -> int:
    """Delete entries that are past the days of their kind, at most `limit` of each; returns how many."""
    bound = _first_unread()
    forgotten = 0
    for kind, event in KINDS.items():
        if event.keep_days is None or bound is None:
            continue
        before = clock.now() - timedelta(days=event.keep_days)
        with connection.cursor() as cursor:
            cursor.execute(FORGET, [kind, before, bound, limit])
            forgotten += cursor.rowcount
    return forgotten


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
