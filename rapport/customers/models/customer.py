"""A customer: a person, whatever they write from."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock
from rapport.kernel.actors import Actor


class Customer(models.Model):
    """Name and what we know of them; how to reach them stands in their identities.

    One who was merged stays as a row that nothing belongs to: `merged_into` is who they are now.
    """

    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    language = models.CharField(_("language"), max_length=12, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    organisation = models.ForeignKey(
        "customers.Organisation", models.SET_NULL, null=True, blank=True, related_name="customers"
    )
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged_from", db_index=False
    )
    #: Their first mail address ("" for none), where it was read along; None where it is to be asked for.
    known_address: str | None = None

    class Meta:
        indexes: ClassVar = [
            # Few have one: whole, it would be written for every customer.
            models.Index(
                "merged_into",
                condition=Q(merged_into__isnull=False),
                name="customers_merged_into",
            )
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def actor(self) -> Actor:
        return Actor("customer", self.pk, self.name)
