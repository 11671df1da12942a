"""Identities: the addresses and accounts by which a customer is recognised."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rapport.kernel import clock


class IdentityKind(models.TextChoices):
    """What sort of address it is; channels to come add theirs."""

    EMAIL = "email"
    PHONE = "phone"
    EXTERNAL = "external"


class Identity(models.Model):
    """One address of one customer. `value` is normalised (mail addresses in lower case), `shown` as written."""

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=16)
    value = models.CharField(max_length=512)
    shown = models.CharField(max_length=512, blank=True, default="")
    is_verified = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "value"], name="customers_identity_once")
        ]

    def __str__(self) -> str:
        return self.shown or self.value
