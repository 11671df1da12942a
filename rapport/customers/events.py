"""The news of customers: what we know of them has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.accounts.events import SettingEvent
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


@dataclass(frozen=True, kw_only=True)
class CustomerAdded(CustomerEvent):
    """Somebody is known who has not written yet."""

    kind: ClassVar[str] = "customers.added"


@dataclass(frozen=True, kw_only=True)
class IdentityAdded(CustomerEvent):
    """An address is known to be theirs; `identity_kind` is its sort, `value` its normal form."""

    kind: ClassVar[str] = "customers.identity_added"
    identity: int
    identity_kind: str
    value: str


@dataclass(frozen=True, kw_only=True)
class IdentityRemoved(CustomerEvent):
    kind: ClassVar[str] = "customers.identity_removed"
    identity_kind: str
    value: str


@dataclass(frozen=True, kw_only=True)
class IdentityVerified(CustomerEvent):
    """Somebody said whether it was proved to be theirs."""

    kind: ClassVar[str] = "customers.identity_verified"
    identity: int
    is_verified: bool


@dataclass(frozen=True, kw_only=True)
class NoteWritten(CustomerEvent):
    """A note about the person; its words stand in the note alone."""

    kind: ClassVar[str] = "customers.note_written"
    note: int


@dataclass(frozen=True, kw_only=True)
class NoteChanged(CustomerEvent):
    kind: ClassVar[str] = "customers.note_changed"
    note: int


@dataclass(frozen=True, kw_only=True)
class NoteDropped(CustomerEvent):
    kind: ClassVar[str] = "customers.note_dropped"
    note: int


@dataclass(frozen=True, kw_only=True)
class NoteRestored(CustomerEvent):
    kind: ClassVar[str] = "customers.note_restored"
    note: int


@dataclass(frozen=True, kw_only=True)
class CustomerTagged(CustomerEvent):
    kind: ClassVar[str] = "customers.tagged"
    tag: str


@dataclass(frozen=True, kw_only=True)
class CustomerUntagged(CustomerEvent):
    kind: ClassVar[str] = "customers.untagged"
    tag: str


@dataclass(frozen=True, kw_only=True)
class AttributeDefined(SettingEvent):
    """What the company keeps of each customer has a name and a type."""

    kind: ClassVar[str] = "customers.attribute_defined"
    key: str


@dataclass(frozen=True, kw_only=True)
class AttributeDropped(SettingEvent):
    kind: ClassVar[str] = "customers.attribute_dropped"
    key: str


@dataclass(frozen=True, kw_only=True)
class PairEvent(CustomerEvent):
    """Something about two customers; both their panes hear of it."""

    other: int

    @property
    def streams(self) -> tuple[str, ...]:
        return (f"customer:{self.customer}", f"customer:{self.other}")


@dataclass(frozen=True, kw_only=True)
class LikenessDismissed(PairEvent):
    """Somebody said that the two are not one, or took that back."""

    kind: ClassVar[str] = "customers.likeness_dismissed"
    is_dismissed: bool


@dataclass(frozen=True, kw_only=True)
class CustomersMerged(PairEvent):
    """`other` is known as `customer` from now on."""

    kind: ClassVar[str] = "customers.merged"
    merge: int


@dataclass(frozen=True, kw_only=True)
class CustomersParted(PairEvent):
    """A merge was undone: `other` left `customer` and is somebody again."""

    kind: ClassVar[str] = "customers.parted"
    merge: int


@dataclass(frozen=True, kw_only=True)
class CardDefined(SettingEvent):
    """One of the company's systems stands beside each customer, or is asked otherwise now."""

    kind: ClassVar[str] = "customers.card_defined"
    title: str


@dataclass(frozen=True, kw_only=True)
class CardDropped(SettingEvent):
    kind: ClassVar[str] = "customers.card_dropped"
    title: str


@dataclass(frozen=True, kw_only=True)
class CustomerVisited(CustomerEvent):
    """They looked at a page or an article, or searched for something, at the time of the event."""

    kind: ClassVar[str] = "customers.visited"
    keep_days: ClassVar[int | None] = 90
    visit: int
