"""Tracking: what a provider tells us later about a delivery. Words come late, twice and in any order."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rapport.channels.claiming import in_lane_of
from rapport.channels.events import DeliveryArrived, DeliveryRead
from rapport.channels.explaining import coded
from rapport.channels.models import Channel, Delivery, DeliveryState
from rapport.channels.settling import RANK, accept_delivery, fail_delivery, move, news
from rapport.kernel import journal
from rapport.kernel.actors import Actor

PROVIDER = Actor.system("provider")
NEWS = {DeliveryState.DELIVERED: DeliveryArrived, DeliveryState.READ: DeliveryRead}


def find_delivery(channel: Channel, *external_ids: str) -> Delivery | None:
    """The delivery on this channel that one of these ids names; never one of another channel."""
    known = [external_id for external_id in external_ids if external_id]
    if not known:
        return None
    ours = Delivery.objects.whole().filter(channel=channel)
    return (
        ours.filter(message__external_id__in=known).first()
        or ours.filter(external_id__in=known).first()
    )


def track_delivery(
    delivery: Delivery,
    state: DeliveryState,
    *,
    address: str = "",
    error: str = "",
    at: datetime | None = None,
) -> None:
    """Take a provider's word; what is known already or has gone further stays. `at` is the provider's time."""
    if address:
        delivery = Delivery.objects.of_recipient(delivery.message_id, address).first() or delivery
    with transaction.atomic(), in_lane_of(delivery.pk) as fresh:
        if fresh is None:
            return
        if state == DeliveryState.FAILED:
            _fail(fresh, address=address, error=error)
        elif state == DeliveryState.ACCEPTED:
            accept_delivery(fresh, by=PROVIDER)
        elif state in NEWS and RANK[DeliveryState(fresh.state)] < RANK[state]:
            move(fresh, state)
            journal.record(news(NEWS[state], fresh, by=PROVIDER, at=at))


def _fail(delivery: Delivery, *, address: str, error: str) -> None:
    if address:
        delivery.refused = {**delivery.refused, address: error}
        delivery.save(update_fields=["refused"])
    words = " ".join(part for part in (address, error) if part)
    fail_delivery(delivery, by=PROVIDER, error=coded("bounced", words))
