"""Merges and splits, with what is needed to undo them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rapport.kernel.facts import PassingFact, PassingQuerySet


class Merge(PassingFact):
    """`source` went into `target`. `moved` names what moved and how the source stood, for the way back."""

    source = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="merges_away"
    )
    target = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="merges_in"
    )
    moved = models.JSONField(default=dict)

    objects: ClassVar = PassingQuerySet.as_manager()


class Split(PassingFact):
    """Messages left `source` for the new conversation `made`."""

    source = models.ForeignKey("conversations.Conversation", models.CASCADE, related_name="splits")
    made = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="split_from"
    )
    moved = models.JSONField(default=dict)

    objects: ClassVar = PassingQuerySet.as_manager()
