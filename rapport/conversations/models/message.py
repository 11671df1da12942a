"""Messages: what was said, by whom, and how we took it in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock


class Direction(models.TextChoices):
    """Which way it went; a note stays with us."""

    IN = "in", _("In")
    OUT = "out", _("Out")
    NOTE = "note", _("Note")


class MessageKind(models.TextChoices):
    """What wrote it: only a human's message counts as one and may be answered by a machine."""

    HUMAN = "human", _("Message")
    AUTO_REPLY = "auto_reply", _("Automatic reply")
    BULK = "bulk", _("Mailing")
    BOUNCE = "bounce", _("Delivery report")
    OWN = "own", _("Our own mail")


class Message(models.Model):
    """One message. The words stand apart: new `text`, folded `quoted` history, `signature`, safe `html`.

    What our own people wrote is Markdown in `text`, rendered where it is shown or sent, and `html` is empty.
    A forward (`extras["forwards"]` is the id) has the original in `quoted` and, where it had one, in `html`.
    """

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="messages", db_index=False
    )
    direction = models.CharField(max_length=4, choices=Direction.choices)
    kind = models.CharField(max_length=10, choices=MessageKind.choices, default=MessageKind.HUMAN)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, related_name="messages"
    )
    agent = models.ForeignKey(
        "accounts.Agent", models.SET_NULL, null=True, related_name="messages", db_index=False
    )
    author_name = models.TextField(blank=True, default="")
    channel_id = models.BigIntegerField(null=True)
    channel_kind = models.CharField(max_length=16, blank=True, default="")
    #: The arrival that it was made from; unique, so that an arrival is one message whoever tries again.
    envelope_id = models.BigIntegerField(null=True)
    #: The provider's id, for mail the Message-ID without its brackets. Not unique: mailers repeat theirs.
    external_id = models.TextField(blank=True, default="")
    #: What makes it the same message whichever door it came through.
    content_key = models.CharField(max_length=64, blank=True, default="")
    #: Made by the writer's form or client: a double click is one message.
    client_key = models.CharField(max_length=64, blank=True, default="")
    in_reply_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="answers", db_index=False
    )
    subject = models.TextField(blank=True, default="")
    #: [{"name", "address"}] each: from (one), to, cc, bcc, reply_to.
    addresses = models.JSONField(default=dict)
    text = models.TextField(blank=True, default="")
    quoted = models.TextField(blank=True, default="")
    signature = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")
    has_held_images = models.BooleanField(default=False)
    language = models.CharField(max_length=12, blank=True, default="")
    #: When it was written or sent, by the provider's clock; never later than its arrival.
    sent_at = models.DateTimeField(default=clock.now)
    recorded_at = models.DateTimeField(default=clock.now)
    #: Why it stands in this conversation and is of this kind: {"thread": …, "kind": …, "reasons": […]}.
    why = models.JSONField(default=dict)
    #: What else came with it: calendar invites, delivery reports, warnings of the reader.
    extras = models.JSONField(default=dict)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["conversation", "sent_at", "id"], name="message_timeline"),
            models.Index(
                fields=["external_id"], condition=~Q(external_id=""), name="message_external_id"
            ),
            models.Index(
                "channel_id",
                KT("extras__matter"),
                "id",
                condition=Q(extras__has_key="matter"),
                name="message_matter",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["envelope_id"],
                condition=Q(envelope_id__isnull=False),
                name="message_envelope_once",
            ),
            models.UniqueConstraint(
                fields=["channel_kind", "content_key"],
                condition=~Q(content_key=""),
                name="message_content_once",
            ),
            models.UniqueConstraint(
                fields=["conversation", "client_key"],
                condition=~Q(client_key=""),
                name="message_client_key_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.pk}"
