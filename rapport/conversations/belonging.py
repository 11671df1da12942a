"""Belonging: who takes part in a conversation. Mail is threaded only from those who belong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from rapport.conversations.addressing import is_own, own_addresses
from rapport.conversations.models import Conversation, Message, Participant
from rapport.customers.identifying import Address, identify_customers, normalise_address
from rapport.customers.models import Identity


def add_participants(conversation: Conversation, customers: Iterable[int | None]) -> list[int]:
    """Let these customers (ids) belong; returns the ids of the rows that are new."""
    wanted = {customer for customer in customers if customer is not None}
    there = set(
        Participant.objects.filter(conversation=conversation, customer__in=wanted).values_list(
            "customer_id", flat=True
        )
    )
    rows = [
        Participant(conversation=conversation, customer_id=customer)
        for customer in sorted(wanted - there)
    ]
    return [row.pk for row in Participant.objects.bulk_create(rows)]


def include_addressed(conversation: Conversation, addresses: Iterable[str]) -> None:
    """Those customers whom we address openly belong from now on."""
    wanted = {normalise_address("email", address) for address in addresses}
    if wanted:
        add_participants(conversation, customers_of(wanted))


def meet_recipients(recipients: Iterable[Mapping[str, str]]) -> None:
    """Make customers of people whom we write to for the first time, so that their answer finds its place.

    Called before the conversation is locked: receiving, too, takes identities first and conversations then.
    """
    ours = own_addresses()
    identify_customers(
        Address(
            "email",
            normalise_address("email", person["address"]),
            shown=person["address"],
            name=person["name"],
        )
        for person in recipients
        if not is_own(person["address"], ours=ours)
    )


def drop_strangers(conversation: Conversation, customers: Collection[int]) -> list[dict[str, Any]]:
    """Of these customers, those whom no message here is from or to belong no longer.

    Returns what `restore_participants` needs to bring them back.
    """
    candidates = set(customers) - {conversation.customer_id}
    if not candidates:
        return []
    messages = Message.objects.filter(conversation=conversation)
    candidates -= set(
        messages.filter(customer__in=candidates).values_list("customer_id", flat=True)
    )
    candidates -= _addressed(messages.values_list("addresses", flat=True).iterator())
    rows = Participant.objects.filter(conversation=conversation, customer__in=candidates)
    dropped = [
        {"id": row.pk, "customer": row.customer_id, "at": row.added_at.isoformat()} for row in rows
    ]
    rows.delete()
    return dropped


def restore_participants(conversation: Conversation, dropped: Iterable[dict[str, Any]]) -> None:
    """Bring back those who were dropped, as the same rows."""
    Participant.objects.bulk_create(
        [
            Participant(
                id=row["id"],
                conversation=conversation,
                customer_id=row["customer"],
                added_at=datetime.fromisoformat(row["at"]),
            )
            for row in dropped
        ],
        ignore_conflicts=True,
    )


def _addressed(heads: Iterable[dict[str, Any]]) -> set[int]:
    addresses = {
        normalise_address("email", person.get("address", ""))
        for head in heads
        for name in ("from", "to", "cc", "reply_to")
        for person in head.get(name) or ()
    }
    return set(customers_of(addresses))


def customers_of(addresses: Collection[str]) -> list[int]:
    """The ids of those whom we know by these mail addresses."""
    known = Identity.objects.filter(
        kind="email", value__in=[normalise_address("email", each) for each in addresses]
    )
    return list(known.values_list("customer_id", flat=True))
