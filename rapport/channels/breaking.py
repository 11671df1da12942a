"""Breaking and repairing: a channel that cannot work stops, loses nothing, and goes on when mended."""

from __future__ import annotations

from django.db import transaction

from rapport.accounts.access import check_admin
from rapport.channels.deferring import defer_waiting
from rapport.channels.events import ChannelBroken, ChannelRepaired
from rapport.channels.models import Channel, ChannelState
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def break_channel(channel: Channel, *, by: Actor, error: str) -> None:
    """Stop its queue and say why; what waits there keeps waiting. Broken once is recorded once."""
    with transaction.atomic():
        fresh = Channel.objects.select_for_update().get(pk=channel.pk)
        if fresh.state == ChannelState.ACTIVE:
            fresh.state, fresh.error = ChannelState.BROKEN, error[:2000]
            fresh.save(update_fields=["state", "error"])
            journal.record(ChannelBroken(by=by, channel=fresh.pk, error=fresh.error))
    channel.state, channel.error = fresh.state, fresh.error


def repair_channel(channel: Channel, *, by: Actor) -> None:
    """It works again (its credentials were checked): let what waited go out. Raises AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        fresh = Channel.objects.select_for_update().get(pk=channel.pk)
        if fresh.state != ChannelState.ACTIVE:
            fresh.state, fresh.error = ChannelState.ACTIVE, ""
            fresh.throttled_since = fresh.resting_until = None
            fresh.save(update_fields=["state", "error", "throttled_since", "resting_until"])
            journal.record(ChannelRepaired(by=by, channel=fresh.pk))
        defer_waiting(fresh)
    channel.state, channel.error = fresh.state, fresh.error
