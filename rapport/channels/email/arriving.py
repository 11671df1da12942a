"""Arriving: a mail's bytes become an arrival, in the same way whichever door they came through."""

from __future__ import annotations

from rapport.channels.contract import Arrival, lane_of
from rapport.kernel.mail.identifying import mail_key


def arrival_of(channel_id: int, raw: bytes) -> Arrival:
    """Named by its content, so that the same mail is one arrival by hook, mailbox and command line.

    Its lane is its sender's. Linear in the mail's size; never raises.
    """
    key = mail_key(raw)
    return Arrival(key.event_id, raw, lane_of(channel_id, key.sender))
