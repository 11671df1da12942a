"""Notes about a person: what colleagues tell each other about somebody, beside any conversation."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rapport.kernel.facts import PassingFact, PassingQuerySet


class CustomerNote(PassingFact):
    """A few lines about one customer. One that was thrown away has ended, and can be put back."""

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="notes", db_index=False
    )
    text = models.TextField()
    changed_at = models.DateTimeField(null=True)

    objects: ClassVar = PassingQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                "customer", "id", condition=Q(ended_at=None), name="customers_note_standing"
            )
        ]
