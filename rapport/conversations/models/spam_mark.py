"""Spam marks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rapport.kernel.facts import PassingFact, PassingQuerySet


class SpamMark(PassingFact):
    """Somebody said that nobody need read this."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="spam_marks"
    )

    objects: ClassVar = PassingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(ended_at=None), name="spam_stands_once"
            )
        ]
