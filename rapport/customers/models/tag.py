"""Tags of people: the team's own words for who somebody is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from rapport.kernel import clock
from rapport.kernel.facts import Fact


class CustomerTag(models.Model):
    """A word, kept as it was first written; its case does not matter."""

    name = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="customers_tag_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerTagging(Fact):
    """The word stands on the person."""

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="taggings", db_index=False
    )
    tag = models.ForeignKey("customers.CustomerTag", models.CASCADE, related_name="taggings")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "tag"], name="customers_tagging_once")
        ]
