"""Organisations that customers belong to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from rapport.kernel import clock


class Organisation(models.Model):
    """A firm or household; `domain` is its mail domain, if it has one of its own."""

    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=253, blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [models.Index(Lower("name"), name="customers_organisation_name")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("domain"), condition=~models.Q(domain=""), name="customers_domain_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
