"""Participants: the people who belong to a conversation."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rapport.kernel import clock


class Participant(models.Model):
    """A customer who may speak in it: the one whose matter it is, or somebody they or we copied in."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="participants", db_index=False
    )
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "customer"], name="participant_once")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.conversation_id}"
