"""Deferring: a job that comes when a delivery is due, in the same commit as the fact behind it.

A job is only a call to look: the row of the delivery decides. So a job too many does nothing, and a job
that was lost is made again by `sweeping`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from rapport.channels.models import Channel, Delivery, DeliveryState
from rapport.kernel import clock

QUEUE = "out"
DELIVER = "channels.deliver"
FILE_COPY = "channels.file_sent_copy"
WAKE = "channels.wake_channel"


def name_call(delivery_id: int, due_at: datetime) -> str:
    """The name under which at most one job waits for a delivery's turn at `due_at`."""
    return f"delivery:{delivery_id}:{due_at.timestamp():.3f}"


def defer_delivery(delivery: Delivery) -> None:
    """Have `deliver` called at `due_at`. Asking twice is one job; no lock is held while it waits."""
    job = app.configure_task(
        DELIVER,
        queue=QUEUE,
        queueing_lock=name_call(delivery.pk, delivery.due_at),
        schedule_at=delivery.due_at,
    )
    try:
        with transaction.atomic():
            job.defer(delivery_id=delivery.pk)
    except AlreadyEnqueued:
        pass


def defer_sent_copy(delivery_id: int) -> None:
    """Have a copy of an accepted mail filed in its mailbox."""
    app.configure_task(FILE_COPY, queue="tending").defer(delivery_id=delivery_id)


def defer_waking(channel: Channel) -> None:
    """Have a channel that rests looked at when its rest is over; asking twice is one job."""
    until = channel.resting_until or clock.now()
    job = app.configure_task(
        WAKE,
        queue="tending",
        queueing_lock=f"wake:{channel.pk}:{until.timestamp():.3f}",
        schedule_at=until,
    )
    try:
        with transaction.atomic():
            job.defer(channel_id=channel.pk)
    except AlreadyEnqueued:
        pass


def defer_waiting(channel: Channel) -> None:
    """Have everything called that waits on a channel which can send again, in its old order."""
    waiting = Delivery.objects.filter(
        channel=channel, state=DeliveryState.QUEUED, due_at__lte=clock.now()
    )
    for delivery in waiting.order_by("pk"):
        defer_delivery(delivery)
