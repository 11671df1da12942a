"""Enveloping: arrivals become durable rows, before anybody tells the outside world that they are here.

The edge does the same with a connection of its own; this is for doors that have Django at hand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from rapport.channels.contract import Arrival
from rapport.kernel.live import bus

INSERT = """
INSERT INTO channels_envelope (channel_id, event_id, door, raw, headers, lane, request_id)
SELECT %s, event_id, %s, raw, headers::jsonb, lane, %s
FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::bigint[]) WITH ORDINALITY
    AS new (event_id, raw, headers, lane, place)
ORDER BY place
ON CONFLICT (channel_id, event_id) DO NOTHING
RETURNING event_id, id
"""
KNOWN = "SELECT event_id, id FROM channels_envelope WHERE channel_id = %s AND event_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class StoredEnvelope:
    """The row of an arrival; `is_new` is False when it was here before (or twice in one call)."""

    id: int
    is_new: bool


def store_envelopes(
    channel_id: int, arrivals: Sequence[Arrival], *, door: str, request_id: str = ""
) -> list[StoredEnvelope]:
    """Keep arrivals in their order, each once; durable when the caller's transaction (or this call) ends.

    Raises django.db.Error: nothing of the call is kept then.
    """
    if not arrivals:
        return []
    events = [arrival.event_id for arrival in arrivals]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                channel_id,
                door,
                request_id[:64],
                events,
                [arrival.raw for arrival in arrivals],
                [json.dumps(arrival.headers) for arrival in arrivals],
                [arrival.lane for arrival in arrivals],
            ],
        )
        new: dict[str, int] = dict(cursor.fetchall())
        known = dict(new)
        if len(new) < len(events):
            cursor.execute(KNOWN, [channel_id, events])
            known = dict(cursor.fetchall())
        if new:
            bus.ring_after_commit()
    return [StoredEnvelope(known[event], new.pop(event, None) is not None) for event in events]
