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


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by what they carry."""

    def whole(self) -> DeliveryQuerySet:
        """The one of each message that goes to everybody who has none apart."""
        return self.filter(only_to="")

    def apart(self) -> DeliveryQuerySet:
        """Those of single recipients."""
        return self.exclude(only_to="")

    def of_recipient(self, message_id: int, address: str) -> DeliveryQuerySet:
        """What carries the message to this address: a delivery apart, if there is one, else the whole."""
        found = self.filter(message_id=message_id)
        apart = found.apart().filter(only_to__iexact=address)
        return apart if address and apart.exists() else found.whole()


class Delivery(models.Model):
    """One per message that goes out, and one for each recipient that was put off while others were taken.

    `due_at` holds the time for undo, for sending later and for retries.
    """

    message = models.ForeignKey(
        "conversations.Message", models.CASCADE, related_name="deliveries", db_index=False
    )
    #: The one recipient of a delivery apart; empty for the whole.
    only_to = models.TextField(default="", db_default="")
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
    #: Addresses that the other side took; nobody of them is sent to again.
    taken = models.JSONField(default=list)
    external_id = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "only_to"], name="delivery_once")
        ]
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
