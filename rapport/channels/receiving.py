"""Receiving: waiting envelopes are read by their channel and handed to conversations, in batches.

Many workers may take at once. Order holds within a lane (a channel's sender): a lane is worked by whoever has
its lock, and only from its oldest waiting envelope on. An envelope that cannot be read or placed is parked with
its error; those behind it go on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from rapport.channels.blanking import blank_late_copies
from rapport.channels.contract import ChannelKey, Unreadable
from rapport.channels.events import EnvelopeParked
from rapport.channels.explaining import coded
from rapport.channels.models import Channel
from rapport.channels.registry import kind_of
from rapport.conversations.inbound import Received
from rapport.conversations.receiving import Receipt, receive_messages
from rapport.kernel import journal
from rapport.kernel.actors import Actor
from rapport.kernel.asking import Question, ask
from rapport.kernel.config import config
from rapport.kernel.pg.hushing import words_of
from rapport.kernel.pg.passing import is_passing

log = logging.getLogger("rapport.channels")
#: Raw bytes in one batch, so that a few large mails do not fill the memory.
BATCH_BYTES = 30_000_000

TAKE = """
SELECT id, lane, octet_length(raw) FROM channels_envelope
WHERE state = 'waiting' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
LOCK_LANES = """
SELECT lane FROM unnest(%s::bigint[]) AS lanes (lane) WHERE pg_try_advisory_xact_lock(lane)
"""
WAITING = """
SELECT lane, id FROM channels_envelope
WHERE state = 'waiting' AND lane = ANY(%s) AND id <= %s ORDER BY id
"""
READ = """
SELECT id, channel_id, event_id, raw, headers, received_at, attempts FROM channels_envelope
WHERE id = ANY(%s) AND state = 'waiting' ORDER BY id
"""
FINISH = """
UPDATE channels_envelope e SET state = 'done', done_at = now(), error = done.error,
       message_id = done.message_id
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS done (id, message_id, error)
WHERE e.id = done.id
"""
PARK = """
UPDATE channels_envelope SET state = 'parked', attempts = attempts + 1, error = %s WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """An envelope as a worker reads it."""

    id: int
    channel: Channel
    key: ChannelKey
    event_id: str
    raw: bytes
    headers: dict[str, str]
    received_at: object
    attempts: int


def receive_batch(*, limit: int | None = None) -> int:
    """Take waiting envelopes in; returns how many were finished or parked, 0 when there is nothing to do."""
    try:
        with transaction.atomic():
            return _receive(_take(limit or config().work_batch))
    except Exception as error:
        if is_passing(error):
            raise
        log.warning("batch failed, going one by one", extra={"error": _name(error)})
    return _one_by_one(limit or config().work_batch)


def _one_by_one(limit: int) -> int:
    """What failed together is tried apart, so that only the culprit is parked."""
    finished = 0
    for _step in range(limit):
        with transaction.atomic():
            taken = _take(1)
            if not taken:
                break
            try:
                with transaction.atomic():
                    finished += _receive(taken)
            except Exception as error:
                if is_passing(error) or isinstance(error, OSError):
                    raise
                log.exception("envelope parked", extra={"envelope": taken[0].id})
                _park(taken[0].id, coded("crashed", words_of(error)))
                finished += 1
    return finished


def _receive(taken: Sequence[Taken]) -> int:
    arrivals: list[Received] = []
    parked = 0
    own = own_addresses()
    for envelope in taken:
        try:
            arrivals.append(read_envelope(envelope, own))
        except Unreadable as error:
            _park(envelope.id, coded("unreadable", str(error)))
            parked += 1
    _finish(receive_messages(arrivals))
    return len(arrivals) + parked


def read_envelope(envelope: Taken, own: frozenset[str]) -> Received:
    """Let the channel read its bytes; raises Unreadable."""
    channel = envelope.channel
    inbound = kind_of(channel.kind).reading.read_envelope(
        envelope.raw,
        event_id=envelope.event_id,
        channel=envelope.key,
        headers=envelope.headers,
        own_addresses=own,
    )
    return Received(
        inbound=inbound,
        channel_id=channel.pk,
        channel_kind=channel.kind,
        received_at=envelope.received_at,  # type: ignore[arg-type]
        envelope_id=envelope.id,
        brand_id=channel.brand_id,
        team_id=channel.team_id,
    )


def key_of(channel: Channel, *, secrets: dict[str, Any] | None = None) -> ChannelKey:
    """The channel as its door and its reader know it; a reader needs no secrets."""
    return ChannelKey(
        id=channel.pk,
        kind=channel.kind,
        public_id=str(channel.public_id),
        hook_secret="",
        state=channel.state,
        address=channel.address,
        config=channel.config,
        secrets=secrets or {},
    )


#: What `own_addresses` asks.
OWN_ADDRESSES = Question("SELECT address FROM channels_channel WHERE address <> ''", {})


def own_addresses() -> frozenset[str]:
    """The addresses of all our mailboxes, in lower case."""
    rows = ask(*OWN_ADDRESSES)
    return frozenset(address.casefold() for (address,) in rows)


def _take(limit: int) -> list[Taken]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [limit])
        rows = cursor.fetchall()
        if not rows:
            return []
        lanes = {lane for _, lane, _ in rows}
        cursor.execute(LOCK_LANES, [sorted(lanes)])
        held = [lane for (lane,) in cursor.fetchall()]
        cursor.execute(WAITING, [held, rows[-1][0]])
        cursor.execute(READ, [_in_order(rows, cursor.fetchall())])
        read = cursor.fetchall()
    channels = Channel.objects.in_bulk({row[1] for row in read})
    keys = {number: key_of(channel) for number, channel in channels.items()}
    return [
        Taken(number, channels[at], keys[at], event_id, bytes(raw), _headers(headers), *rest)
        for number, at, event_id, raw, headers, *rest in read
    ]


def _in_order(
    rows: Sequence[tuple[int, int, int]], waiting: Sequence[tuple[int, int]]
) -> list[int]:
    """Of each lane that is ours the rows from its oldest on, up to the first that another worker holds.

    As many as fit into the memory. A gap in the middle of a lane ends it: what is behind the gap must wait.
    """
    sizes = {number: size for number, _lane, size in rows}
    ours: list[int] = []
    ended: set[int] = set()
    total = 0
    for lane, number in waiting:
        if lane in ended or number not in sizes:
            ended.add(lane)
            continue
        total += sizes[number]
        if ours and total > BATCH_BYTES:
            break
        ours.append(number)
    return ours


def _finish(receipts: Sequence[Receipt]) -> None:
    if not receipts:
        return
    copied = [r.message_id for r in receipts if r.outcome != "received" and r.message_id]
    with connection.cursor() as cursor:
        cursor.execute(
            FINISH,
            [
                [receipt.received.envelope_id for receipt in receipts],
                [receipt.message_id for receipt in receipts],
                [r.outcome if r.outcome in ("own", "known") else "" for r in receipts],
            ],
        )
    if copied:
        blank_late_copies(copied)


def _park(number: int, error: str) -> None:
    error = error[:4000].replace("\x00", "")
    with connection.cursor() as cursor:
        cursor.execute(PARK, [error, number])
    journal.record(EnvelopeParked(by=Actor.system("receiving"), envelope=number, error=error[:500]))


def _headers(value: Any) -> dict[str, str]:
    return dict(json.loads(value) if isinstance(value, str) else value or {})


def _name(error: BaseException) -> str:
    return type(error).__name__
