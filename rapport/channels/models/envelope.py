"""Envelopes: what arrived, as it arrived."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock


class EnvelopeState(models.TextChoices):
    """Waiting for a worker, done, or parked with its error until somebody replays it."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    PARKED = "parked", _("Parked")


#: What finished arrivals say that brought nothing new: `message_id` had the same content, or was our own.
COPIES = ("known", "own")


class Envelope(models.Model):
    """One arrival: raw bytes and the headers worth keeping, unique per channel and event.

    The database fills `state`, `received_at` and the rest by default, so that the door can write rows
    without Django.
    """

    channel = models.ForeignKey(
        "channels.Channel", models.PROTECT, related_name="envelopes", db_index=False
    )
    event_id = models.CharField(max_length=200)
    #: Where it came in: imap, hook, cli, anymail, api.
    door = models.CharField(max_length=16, db_default="")
    raw = models.BinaryField()
    headers = models.JSONField(db_default={})
    #: Hash of channel and sender: one lane is worked in order.
    lane = models.BigIntegerField(db_default=0)
    state = models.CharField(
        max_length=8, choices=EnvelopeState.choices, db_default=EnvelopeState.WAITING.value
    )
    attempts = models.PositiveSmallIntegerField(db_default=0)
    error = models.TextField(db_default="")
    #: The request that brought it, to be found in the logs.
    request_id = models.CharField(max_length=64, db_default="")
    message_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField(default=clock.now, db_default=models.functions.Now())
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "event_id"], name="envelope_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="envelope_waiting"),
            models.Index(fields=["id"], condition=Q(state="parked"), name="envelope_parked"),
            models.Index(
                fields=["message_id"], condition=Q(error__in=COPIES), name="envelope_copy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.door} {self.event_id}"
