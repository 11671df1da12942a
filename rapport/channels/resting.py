"""Resting: the other side asks us to send more slowly, so the whole channel does, and goes on by itself.

Without it each waiting message would ask for itself: a provider that counts attempts would never let go. Soon at
first, then ever more rarely, as with a single message; what waits keeps its order.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from rapport.channels.deferring import defer_waiting, defer_waking
from rapport.channels.events import ChannelThrottled
from rapport.channels.models import Channel
from rapport.channels.retrying import DELAYS, next_attempt
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor


def rest_channel(
    channel: Channel, *, by: Actor, error: str, retry_after: float | None = None
) -> None:
    """Send nothing by it for a while; `retry_after` (seconds) is the other side's wish.

    Refusals that several workers meet at once are one rest. It is news when it begins.
    """
    with transaction.atomic():
        now = clock.now()
        fresh = Channel.objects.select_for_update().get(pk=channel.pk)
        if fresh.is_resting and not retry_after:
            return
        is_news = fresh.throttled_since is None
        since = fresh.throttled_since or now
        until = next_attempt(since, now=now, retry_after=retry_after)
        until = until or now + timedelta(seconds=DELAYS[-1])
        fresh.throttled_since = since
        fresh.resting_until = max(until, fresh.resting_until or until)
        fresh.save(update_fields=["throttled_since", "resting_until"])
        defer_waking(fresh)
        if is_news:
            journal.record(
                ChannelThrottled(
                    by=by, channel=fresh.pk, error=error, until=fresh.resting_until.isoformat()
                )
            )


def end_rest(channel: Channel) -> None:
    """Something went through again after the rest: the next one is a short one."""
    over = Channel.objects.filter(pk=channel.pk, resting_until__lte=clock.now())
    over.update(throttled_since=None, resting_until=None)


def wake_channel(channel_id: int) -> None:
    """The rest is over, unless it was made longer: call everything that waits, in its old order."""
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel and not channel.is_resting:
        defer_waiting(channel)
