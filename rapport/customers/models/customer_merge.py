"""Merges of people, with what is needed to undo them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rapport.kernel.facts import PassingFact, PassingQuerySet


class CustomerMerge(PassingFact):
    """`source` is known as `target`. `moved` names what went over, and the facts as they were on both sides."""

    source = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="merges_away", db_index=False
    )
    target = models.ForeignKey("customers.Customer", models.CASCADE, related_name="merges_in")
    moved = models.JSONField(default=dict)

    objects: ClassVar = PassingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(ended_at=None), name="customers_merge_standing"
            )
        ]
