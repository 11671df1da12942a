"""The news of customers: what we know of them has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.kernel.journal import Event


@dataclass(frozen=True, kw_only=True)
class CustomerEvent(Event):
    """Something about one customer."""

    customer: int

    @property
    def subject(self) -> tuple[str, int]:
        return "customer", self.customer

    @property
    def streams(self) -> tuple[str, ...]:
        return (f"customer:{self.customer}",)


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(CustomerEvent):
    """What is known of them is other now; `changed` names the fields, an attribute as `attributes.<name>`."""

    kind: ClassVar[str] = "customers.customer_changed"
    changed: tuple[str, ...]
