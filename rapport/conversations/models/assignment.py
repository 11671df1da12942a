"""Assignments: who took care of a conversation, from when to when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rapport.kernel.facts import PassingFact, PassingQuerySet


class Assignment(PassingFact):
    """An agent, a team or both; at most one stands at a time."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="assignments"
    )
    agent = models.ForeignKey("accounts.Agent", models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey("accounts.Team", models.SET_NULL, null=True, related_name="+")

    objects: ClassVar = PassingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(ended_at=None), name="assignment_stands_once"
            )
        ]
