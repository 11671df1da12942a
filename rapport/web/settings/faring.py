"""Faring: how each channel does, from a few rows, whatever the number of its messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from rapport.channels.explaining import explain
from rapport.channels.models import Channel, ChannelState, MailboxCursor

#: How many of the newest arrivals are looked through for each channel's last one.
WINDOW = 5_000
LAST = """
SELECT channel_id, max(received_at) FROM (
  SELECT channel_id, received_at FROM channels_envelope ORDER BY id DESC LIMIT %s
) AS newest GROUP BY channel_id
"""


@dataclass(frozen=True, slots=True)
class Fare:
    """A channel with its last arrival, its error, and the two counts of its mailbox."""

    channel: Channel
    last_arrival: datetime | None = None
    cursor: MailboxCursor | None = None

    @property
    def error(self) -> str:
        """What is wrong, with the server's words: sending first, for it stops the channel."""
        return explain(self.channel.error or (self.cursor.error if self.cursor else ""))

    @property
    def verdict(self) -> str:
        """good, off (paused), or bad."""
        if self.channel.state == ChannelState.PAUSED:
            return "off"
        is_bad = self.channel.state == ChannelState.BROKEN or bool(self.error)
        return "bad" if is_bad else "good"


def fares() -> list[Fare]:
    """Every channel, in the order in which they were added."""
    return _fares(Channel.objects.select_related("brand", "team").order_by("pk"))


def fare_of(channel: Channel) -> Fare:
    """One channel."""
    return _fares([channel])[0]


def _fares(channels: QuerySet[Channel] | Iterable[Channel]) -> list[Fare]:
    found = list(channels)
    cursors = {
        cursor.channel_id: cursor
        for cursor in MailboxCursor.objects.filter(channel__in=found).order_by("checked_at")
    }
    last = _last_arrivals()
    return [Fare(one, last.get(one.pk), cursors.get(one.pk)) for one in found]


def _last_arrivals() -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(LAST, [WINDOW])
        return dict(cursor.fetchall())
