"""Likenesses: two customers who may be one person, and why. A person decides."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rapport.kernel.facts import PassingFact, PassingQuerySet


class Likeness(PassingFact):
    """`one` has the smaller id. One that has ended was dismissed for good: the pair is not proposed again."""

    one = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+")
    #: Kinds of marks that both have.
    reasons = models.JSONField(default=list)

    objects: ClassVar = PassingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["one", "other"], name="customers_likeness_once"),
            models.CheckConstraint(
                condition=models.Q(one__lt=models.F("other")), name="customers_likeness_in_order"
            ),
        ]
