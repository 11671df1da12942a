"""Proposals to join two conversations: seen by people, decided by people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rapport.kernel.facts import PassingFact, PassingQuerySet


class JoinProposal(PassingFact):
    """`conversation` may belong to `other`; `reasons` are texts for people, shown with the proposal."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="join_proposals"
    )
    other = models.ForeignKey("conversations.Conversation", models.CASCADE, related_name="+")
    reasons = models.JSONField(default=list)
    #: "joined", "declined" or empty while it waits.
    outcome = models.CharField(max_length=10, blank=True, default="")

    objects: ClassVar = PassingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "other"], name="join_proposal_once")
        ]
