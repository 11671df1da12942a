"""Snoozes: a conversation sleeps until a time or until the customer writes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rapport.kernel.facts import PassingFact, PassingQuerySet


class Snooze(PassingFact):
    """Stands until `until` has come or somebody wakes it."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="snoozes"
    )
    until = models.DateTimeField()

    objects: ClassVar = PassingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(ended_at=None), name="snooze_stands_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["until"], condition=Q(ended_at=None), name="snooze_due")
        ]
