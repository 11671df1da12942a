"""Recording: an event becomes a row in the transaction that made it true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from rapport.kernel import clock
from rapport.kernel.copying import copy_values
from rapport.kernel.journal.events import Event
from rapport.kernel.journal.following import companions_of
from rapport.kernel.live import bus

COLUMNS = (
    "kind",
    "subject_kind",
    "subject_id",
    "streams",
    "by_kind",
    "by_id",
    "by_name",
    "at",
    "recorded_at",
    "details",
)
INSERT = f"INSERT INTO journal_entry ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * 10)})"  # noqa: S608
#: From so many events on, COPY is quicker than one statement each.
MANY = 4


class NotInTransaction(RuntimeError):
    """An event can only be recorded in the transaction that makes it true."""


def record(event: Event) -> None:
    """Write one event down; raises NotInTransaction."""
    record_all([event])


def record_all(events: Sequence[Event]) -> None:
    """Write events down in their order, let their companions write too, ring the bell after commit."""
    if not connection.in_atomic_block:
        raise NotInTransaction(NotInTransaction.__doc__)
    if not events:
        return
    now = clock.now()
    rows = [_row(event, now) for event in events]
    if len(rows) < MANY:
        with connection.cursor() as cursor:
            for row in rows:
                cursor.execute(INSERT, row)
    else:
        copy_values("journal_entry", COLUMNS, rows)
    for event in events:
        for companion in companions_of(type(event)):
            companion(event)
    bus.ring_after_commit()


def _row(event: Event, now: datetime) -> tuple[Any, ...]:
    subject_kind, subject_id = event.subject
    return (
        event.kind,
        subject_kind,
        subject_id,
        " ".join(event.streams),
        event.by.kind,
        event.by.id,
        event.by.name,
        event.at or now,
        now,
        event.details_json(),
    )
