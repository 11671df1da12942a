"""Solutions: somebody said that the matter is done."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rapport.kernel.facts import PassingFact, PassingQuerySet


class Solution(PassingFact):
    """Stands until the conversation is reopened."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="solutions"
    )
    #: The newest message known when it was solved: nobody waits for an answer to what came before.
    last_message_id = models.BigIntegerField(null=True)

    objects: ClassVar = PassingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(ended_at=None), name="solution_stands_once"
            )
        ]
