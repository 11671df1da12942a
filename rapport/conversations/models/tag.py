"""Tags and their use."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from rapport.kernel.facts import Fact


class Tag(models.Model):
    """A word of the team's own, the same whatever its case."""

    name = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="tag_name_once")]

    def __str__(self) -> str:
        return self.name


class Tagging(Fact):
    """A tag on a conversation; taken off, the row goes and the journal remembers."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="taggings"
    )
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "tag"], name="tagging_once")
        ]
