"""Claiming: one worker at a time has a delivery, and everybody can tell whether it still lives.

The worker holds an advisory lock of its database session while it works: PostgreSQL lets go of it the
moment the worker is gone, however it died, and on whichever machine. A delivery that is under way while
nobody holds its lock is an orphan. `attempts` fences off a worker that lost its session and lives on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.utils import InterfaceError, OperationalError

from rapport.channels.models import ChannelState, Delivery, DeliveryState
from rapport.kernel import clock
from rapport.kernel.pg.locking import advisory_key, lock_name

#: How far the clocks of database and worker may differ when a job is called in time.
SKEW = timedelta(seconds=2)


class Superseded(Exception):
    """Somebody else has taken this delivery over; the attempt must stop where it stands."""


@contextmanager
def held(delivery_id: int) -> Iterator[bool]:
    """Hold the delivery for as long as the block runs and the session lives; yields whether it was free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(delivery_id)])
        free = bool(cursor.fetchone()[0])
    try:
        yield free
    finally:
        if free:
            _let_go(delivery_id)


def claim_delivery(delivery_id: int) -> Delivery | None:
    """Take it for one attempt (queued → sending), if its turn has come; None when it has not."""
    with in_lane_of(delivery_id) as delivery:
        if delivery is None or not _may_go(delivery) or _must_wait(delivery):
            return None
        delivery.state = DeliveryState.SENDING
        delivery.attempts += 1
        delivery.changed_at = clock.now()
        delivery.save(update_fields=["state", "attempts", "changed_at"])
        return delivery


def mark_handing(delivery: Delivery) -> None:
    """Commit that from here on nobody may send it again blindly; raises Superseded."""
    marked = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts
    ).update(state=DeliveryState.HANDING, changed_at=clock.now())
    if not marked:
        raise Superseded(Superseded.__doc__)
    delivery.state = DeliveryState.HANDING


@contextmanager
def in_lane_of(delivery_id: int) -> Iterator[Delivery | None]:
    """Open a transaction alone in the delivery's conversation and lock its row; None if it is gone."""
    with transaction.atomic():
        found = Delivery.objects.filter(pk=delivery_id)
        lane = found.values_list("message__conversation_id", flat=True).first()
        with connection.cursor() as cursor:
            lock_name(cursor, "channels.outgoing", lane)
        yield (
            found.select_related("message__conversation", "channel")
            .select_for_update(of=("self",))
            .first()
        )


def in_line_before(*, conversation: Any, channel: Any, pk: Any) -> QuerySet[Delivery]:
    """Older deliveries of a conversation and channel that must be through first.

    One that somebody put off until later has not yet come into line and holds nobody up, nor does one
    recipient whom the other side put off. The arguments are ids, or references to those of an outer query.
    """
    return Delivery.objects.whole().filter(
        Q(state__in=[DeliveryState.SENDING, DeliveryState.HANDING])
        | Q(state=DeliveryState.QUEUED, due_at__lte=clock.now())
        | Q(state=DeliveryState.QUEUED, trying_since__isnull=False),
        message__conversation=conversation,
        channel=channel,
        pk__lt=pk,
    )


def behind(delivery: Delivery) -> QuerySet[Delivery]:
    """Younger deliveries of its conversation whose time has come while it was under way."""
    return (
        Delivery.objects.whole()
        .filter(
            state=DeliveryState.QUEUED,
            due_at__lte=clock.now(),
            message__conversation=delivery.message.conversation_id,
            channel=delivery.channel_id,
            pk__gt=delivery.pk,
        )
        .order_by("pk")
    )


def _must_wait(delivery: Delivery) -> bool:
    """Whether something older must be through first; a recipient apart waits for nobody."""
    return (
        not delivery.only_to
        and in_line_before(
            conversation=delivery.message.conversation_id,
            channel=delivery.channel_id,
            pk=delivery.pk,
        ).exists()
    )


def _may_go(delivery: Delivery) -> bool:
    return (
        delivery.state == DeliveryState.QUEUED
        and delivery.due_at <= clock.now() + SKEW
        and delivery.channel.state == ChannelState.ACTIVE
        and not delivery.channel.is_resting
        and delivery.message.withdrawn_at is None
    )


def _key(delivery_id: int) -> int:
    return advisory_key("channels.delivery", delivery_id)


def _let_go(delivery_id: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(delivery_id)])
    except (OperationalError, InterfaceError):
        connection.close()  # a session that is gone has let go already
