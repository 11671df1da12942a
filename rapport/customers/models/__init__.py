"""The tables of customers."""

from __future__ import annotations

from rapport.customers.models.customer import Customer
from rapport.customers.models.identity import Identity
from rapport.customers.models.organisation import Organisation

__all__ = ["Customer", "Identity", "Organisation"]
