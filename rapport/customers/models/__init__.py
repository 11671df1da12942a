"""The tables of customers."""

from __future__ import annotations

from rapport.customers.models.attribute import Attribute, AttributeType
from rapport.customers.models.card import Card, CardKind, CardReply
from rapport.customers.models.customer import Customer
from rapport.customers.models.customer_merge import CustomerMerge
from rapport.customers.models.identity import Identity, IdentityKind
from rapport.customers.models.likeness import Likeness
from rapport.customers.models.mark import Mark, MarkKind
from rapport.customers.models.note import CustomerNote
from rapport.customers.models.organisation import Organisation
from rapport.customers.models.tag import CustomerTag, CustomerTagging
from rapport.customers.models.visit import Visit, VisitKind

__all__ = [
    "Attribute",
    "AttributeType",
    "Card",
    "CardKind",
    "CardReply",
    "Customer",
    "CustomerMerge",
    "CustomerNote",
    "CustomerTag",
    "CustomerTagging",
    "Identity",
    "IdentityKind",
    "Likeness",
    "Mark",
    "MarkKind",
    "Organisation",
    "Visit",
    "VisitKind",
]
