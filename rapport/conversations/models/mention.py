"""Mentions: a note calls a colleague by name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rapport.kernel.facts import Fact


class Mention(Fact):
    """A note means an agent who may see it; by whom and when is who wrote the note."""

    message = models.ForeignKey("conversations.Message", models.CASCADE, related_name="mentions")
    agent = models.ForeignKey(
        "accounts.Agent", models.CASCADE, related_name="mentions", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agent", "message"], name="mention_once")
        ]
