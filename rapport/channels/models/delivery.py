"""Deliveries: the way of one message out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock


class DeliveryState(models.TextChoices):
    """Moves forward only. `unknown`: it was handed over and no answer came; a person decides."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    HANDING = "handing", _("Being handed over")
    UNKNOWN = "unknown", _("Not known whether it arrived")
    ACCEPTED = "accepted", _("Accepted")
    DELIVERED = "delivered", _("Delivered")
    READ = "read", _("Read")
    FAILED = "failed", _("Failed")
    WITHDRAWN = "withdrawn", _("Taken back")


class Delivery(models.Model):
    """One per message that goes out. `due_at` holds the time for undo, for sending later and for retries."""

    message = models.OneToOneField("conversations.Message", models.CASCADE, related_name="delivery")
    channel = models.ForeignKey("channels.Channel", models.PROTECT, related_name="deliveries")
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    due_at = models.DateTimeField(default=clock.now)
    #: Grows with every attempt; a worker that was overtaken is known by its old number.
    attempts = models.PositiveIntegerField(default=0)
    #: Since when attempts have been ending without anything handed over.
    trying_since = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")
    #: Addresses that the other side refused while it took the rest: {"address": "reason"}.
    refused = models.JSONField(default=dict)
    external_id = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["queued", "sending", "handing"]),
                name="delivery_under_way",
            ),
            models.Index(
                fields=["id"], condition=Q(state__in=["failed", "unknown"]), name="delivery_trouble"
            ),
        ]
