"""Receiving a mail from a mail server's pipe: durable when we return, without Django and without a network.

`mail | rapport channel receive email` answers in a tenth of a second; the edge's batcher is for crowds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import BinaryIO

import psycopg

from rapport.channels.email.arriving import arrival_of
from rapport.cli.failing import TRY_LATER, CommandFailed
from rapport.kernel.live.names import BELL

INSERT = """
INSERT INTO channels_envelope (channel_id, event_id, door, raw, headers, lane)
VALUES (%s, %s, 'cli', %s, %s, %s) ON CONFLICT (channel_id, event_id) DO NOTHING RETURNING id
"""
MAILBOXES = "SELECT id, address FROM channels_channel WHERE kind = 'email' ORDER BY id"


@dataclass(frozen=True)
class Kept:
    """The number of the envelope; None when the same mail was here before."""

    channel: int
    envelope: int | None


def receive_mail(url: str, source: BinaryIO, *, to: str, limit: int) -> Kept:
    """Keep one mail of at most `limit` bytes; raises CommandFailed, then it was not kept."""
    raw = source.read(limit + 1)
    if len(raw) > limit:
        raise CommandFailed(f"the mail is larger than RAPPORT_MAX_MAIL_BYTES ({limit})")
    if not raw.strip():
        raise CommandFailed("there is no mail on standard input", code=TRY_LATER)
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        channel = _mailbox(connection.execute(MAILBOXES).fetchall(), to)
        arrival = arrival_of(channel, raw)
        headers = json.dumps(arrival.headers)
        row = connection.execute(
            INSERT, [channel, arrival.event_id, arrival.raw, headers, arrival.lane]
        ).fetchone()
        if row:
            connection.execute(f"NOTIFY {BELL}")
    return Kept(channel, row[0] if row else None)


def _mailbox(found: list[tuple[int, str]], to: str) -> int:
    # An answer to us comes to support+token@…, and a mail server names the recipient with its tag.
    for wanted in (to.strip("<> ").lower(), without_tag(to.strip("<> ").lower())):
        named = [number for number, address in found if not to or address.lower() == wanted]
        if len(named) == 1:
            return named[0]
    have = ", ".join(address for _, address in found) or "none is set up"
    if to:
        raise CommandFailed(f"there is no mailbox {to} (there is: {have})")
    raise CommandFailed(f"say which mailbox by --to ADDRESS (there is: {have})")


def without_tag(address: str) -> str:
    """The address without what stands behind the first + of its local part."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
