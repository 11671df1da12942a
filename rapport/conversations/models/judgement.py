"""Judgements: who or what wrote a message, in the word of a person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rapport.conversations.models.message import MessageKind
from rapport.kernel.facts import PassingFact, PassingQuerySet


class Judgement(PassingFact):
    """A colleague said who wrote a message, against what its headers say; `before` is what had been decided."""

    message = models.ForeignKey("conversations.Message", models.CASCADE, related_name="judgements")
    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    before = models.CharField(max_length=10, choices=MessageKind.choices)
    #: What the judgement woke or opened, so that it can lie down again.
    rest = models.JSONField(null=True)

    objects: ClassVar = PassingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message"], condition=Q(ended_at=None), name="judgement_stands_once"
            )
        ]
