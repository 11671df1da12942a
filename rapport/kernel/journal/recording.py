"""Recording: an event becomes a row in the transaction that made it true."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from rapport.kernel import clock
from rapport.kernel.journal.events import Event
from rapport.kernel.journal.following import companions_of
from rapport.kernel.live import bus

INSERT = """
INSERT INTO journal_entry
    (kind, subject_kind, subject_id, streams, by_kind, by_id, by_name, at, recorded_at, details)
SELECT kind, subject_kind, subject_id, streams, by_kind, by_id, by_name, at, %s, details::jsonb
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::bigint[],
            %s::text[], %s::timestamptz[], %s::text[])
    AS new (kind, subject_kind, subject_id, streams, by_kind, by_id, by_name, at, details)
"""


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
    columns = list(zip(*(_columns(event, now) for event in events), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [now, *(list(column) for column in columns)])
    for event in events:
        for companion in companions_of(type(event)):
            companion(event)
    bus.ring_after_commit()


def _columns(event: Event, now: object) -> tuple[object, ...]:
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
        json.dumps(event.details()),
    )
