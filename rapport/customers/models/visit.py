"""Visits: the last pages and articles that somebody looked at."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock


class VisitKind(models.TextChoices):
    """What it was."""

    PAGE = "page", _("looked at")
    ARTICLE = "article", _("read")
    SEARCH = "search", _("searched for")


class Visit(models.Model):
    """One of them. `key` is the sender's own name for it, so that the same visit is one."""

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="visits", db_index=False
    )
    kind = models.CharField(max_length=8, choices=VisitKind.choices)
    title = models.CharField(max_length=200)
    url = models.TextField(blank=True, default="")
    key = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [models.Index("customer", "at", "id", name="customers_visit_newest")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "key"],
                condition=~models.Q(key=""),
                name="customers_visit_once",
            )
        ]

    def __str__(self) -> str:
        return self.title
