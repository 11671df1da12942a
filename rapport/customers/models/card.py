"""Cards: the company's own systems beside a customer."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock


class CardKind(models.TextChoices):
    """How it speaks."""

    LINK = "link", _("A link that is filled in")
    JSON = "json", _("A signed question that a system answers")


class Card(models.Model):
    """One system. `url` may name facts of the customer in braces; the secret is sealed and never shown again."""

    title = models.CharField(max_length=60)
    kind = models.CharField(max_length=4, choices=CardKind.choices, default=CardKind.LINK)
    url = models.TextField()
    sealed = models.TextField(blank=True, default="")
    #: How long the pane waits for it, in seconds.
    seconds = models.FloatField(default=1.0)
    #: For how long an answer is shown again without asking, in seconds.
    keep_seconds = models.PositiveIntegerField(default=300)
    #: It did not answer: until then nobody is kept waiting for it.
    rests_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["title", "id"]

    def __str__(self) -> str:
        return self.title


class CardReply(models.Model):
    """What a system last said of a customer, and how the newest question fared."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="replies", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+")
    #: {"title", "href", "items": [{"label", "value", "href"}]}, read and cut already.
    said: models.JSONField[dict[str, object], dict[str, object]] = models.JSONField(default=dict)
    said_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(default=clock.now)
    #: A name out of `asking_cards.FAULTS`, where the newest question was not answered.
    fault = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["card", "customer"], name="customers_card_reply_once")
        ]
        indexes: ClassVar = [models.Index("asked_at", name="customers_card_reply_age")]

    def age(self, *, now: datetime) -> float:
        """Seconds since it was said; infinite where nothing was."""
        return (now - self.said_at).total_seconds() if self.said_at else float("inf")
