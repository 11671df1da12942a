"""Read marks: how far an agent has read in a conversation."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rapport.kernel import clock


class ReadMark(models.Model):
    """Up to which message an agent has read; what has a higher id is unread by them.

    Whoever never opened a conversation has no mark in it: it is unread while it is open, and what rests is not.
    """

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="read_marks", db_index=False
    )
    agent = models.ForeignKey("accounts.Agent", models.CASCADE, related_name="+", db_index=False)
    message_id = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "agent"], name="read_mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} has read {self.conversation_id} up to {self.message_id}"
