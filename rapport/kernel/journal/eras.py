"""Eras: a restored journal goes on in a cluster whose transaction numbers start anew."""

from __future__ import annotations

from typing import Any


def begin_era(connection: Any) -> int:
    """Let every later entry stand behind those that were restored; returns the new era.

    `connection` is any database connection with a `cursor()`; the caller commits.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(era), 0) + 1 FROM journal_entry")
        era = int(cursor.fetchone()[0])
        cursor.execute(f"ALTER TABLE journal_entry ALTER COLUMN era SET DEFAULT {era}")
    return era


def heal_era(connection: Any) -> int | None:
    """Begin an era where the journal is ahead of this cluster (restored by other means)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
               FROM journal_entry ORDER BY era DESC, xid DESC, id DESC LIMIT 1"""
        )
        row = cursor.fetchone()
    return begin_era(connection) if row and row[0] else None
