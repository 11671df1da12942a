"""Breaking and repairing: a channel that cannot work stops, loses nothing, and goes on when mended."""

from __future__ import annotations

from django.db import transaction

from rapport.channels.deferring import defer_delivery
from rapport.channels.events import ChannelBroken, ChannelRepaired
from rapport.channels.models import Channel, ChannelState, Delivery, DeliveryState
from rapport.kernel import clock, journal
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
    """It works again (its credentials were checked): let what waited go out, in its old order."""
    with transaction.atomic():
        fresh = Channel.objects.select_for_update().get(pk=channel.pk)
        if fresh.state != ChannelState.ACTIVE:
            fresh.state, fresh.error = ChannelState.ACTIVE, ""
            fresh.save(update_fields=["state", "error"])
            journal.record(ChannelRepaired(by=by, channel=fresh.pk))
        for delivery in Delivery.objects.filter(
            channel=fresh, state=DeliveryState.QUEUED, due_at__lte=clock.now()
        ).order_by("pk"):
            defer_delivery(delivery)
    channel.state, channel.error = fresh.state, fresh.error
