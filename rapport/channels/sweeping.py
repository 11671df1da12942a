"""Sweeping: finding what nobody tends any more, so that nothing waits for ever.

A worker that died while sending leaves a delivery that can be tried again; one that died while handing
over leaves a question. A job that was lost is made again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.channels.claiming import held, in_lane_of, in_line_before
from rapport.channels.deferring import defer_delivery, name_call
from rapport.channels.explaining import coded
from rapport.channels.models import ChannelState, Delivery, DeliveryState
from rapport.channels.settling import doubt, postpone
from rapport.kernel import clock

log = logging.getLogger("rapport.channels")
#: How long a job may be late before it is looked for, and how many are looked at in one go.
GRACE = timedelta(seconds=5)
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Swept:
    """What was found: sent back to the queue, become unknown, called anew."""

    requeued: int = 0
    unknown: int = 0
    called: int = 0


def sweep_deliveries() -> Swept:
    """Look through what is under way once; safe to run at any time, anywhere, by many."""
    states = [
        _save_orphan(pk)
        for pk in Delivery.objects.filter(state__in=[DeliveryState.SENDING, DeliveryState.HANDING])
        .order_by("due_at")
        .values_list("pk", flat=True)[:BATCH]
    ]
    swept = Swept(
        requeued=states.count(DeliveryState.QUEUED),
        unknown=states.count(DeliveryState.UNKNOWN),
        called=_call_forgotten(),
    )
    if swept != Swept():
        log.warning("deliveries had nobody to tend them", extra={"swept": str(swept)})
    return swept


def _save_orphan(delivery_id: int) -> str:
    """Returns the state that an orphan was put in, "" when a living worker has it."""
    with held(delivery_id) as is_orphan:
        if not is_orphan:
            return ""
        with in_lane_of(delivery_id) as delivery:
            if delivery is None:
                return ""
            if delivery.state == DeliveryState.SENDING:
                postpone(delivery, error=coded("interrupted"))
                return str(delivery.state)
            if delivery.state == DeliveryState.HANDING:
                doubt(delivery, error=coded("interrupted_handing"))
                return str(delivery.state)
    return ""


def _call_forgotten() -> int:
    before = in_line_before(
        conversation=OuterRef("message__conversation"),
        channel=OuterRef("channel"),
        pk=OuterRef("pk"),
    )
    late = list(
        Delivery.objects.filter(
            ~Exists(before) | ~Q(only_to=""),
            state=DeliveryState.QUEUED,
            due_at__lt=clock.now() - GRACE,
            channel__state=ChannelState.ACTIVE,
        )
        .exclude(channel__resting_until__gt=clock.now() - GRACE)
        .order_by("due_at", "pk")[:BATCH]
    )
    waiting = set(
        ProcrastinateJob.objects.filter(
            status="todo", queueing_lock__in=[name_call(d.pk, d.due_at) for d in late]
        ).values_list("queueing_lock", flat=True)
    )
    forgotten = [d for d in late if name_call(d.pk, d.due_at) not in waiting]
    for delivery in forgotten:
        defer_delivery(delivery)
    return len(forgotten)
