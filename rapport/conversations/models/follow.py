"""Follows: an agent wants to know what happens in a conversation."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rapport.kernel.facts import Fact


class Follow(Fact):
    """An agent follows a conversation."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="follows"
    )
    agent = models.ForeignKey("accounts.Agent", models.CASCADE, related_name="follows")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "agent"], name="follow_once")
        ]
