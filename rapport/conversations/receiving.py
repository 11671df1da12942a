"""Receiving: what customers write becomes messages, many at once, in one commit.

The batch is placed in memory and written in bulk, so that a hundred arrivals cost hardly more statements than
one. Whoever calls retries one by one when a batch fails, so that a bad arrival fails alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import connection, transaction

from rapport.accounts.models import Company
from rapport.conversations.gathering import gather_book
from rapport.conversations.inbound import Received, Sender, copied_people
from rapport.conversations.models import Direction, Message
from rapport.conversations.placing import place_message
from rapport.conversations.writing_arrivals import ArrivalWriter
from rapport.customers.identifying import Address, identify_customers, normalise_address

KNOWN = """
SELECT channel_kind, content_key, id FROM conversations_message
WHERE channel_kind = ANY(%s) AND content_key = ANY(%s) AND content_key <> ''
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an arrival: a new message, one that was there already, or mail of our own that came back."""

    received: Received
    outcome: Literal["received", "known", "own"]
    message_id: int | None


def receive_messages(arrivals: Sequence[Received]) -> list[Receipt]:
    """Take arrivals in, in their order; the same content twice is one message. All or nothing."""
    with transaction.atomic():
        known, ours = _known_contents(arrivals), _sent_by_us(arrivals)
        receipts: dict[int, Receipt] = {}
        fresh: list[tuple[int, Received]] = []
        for index, arrival in enumerate(arrivals):
            key = (arrival.channel_kind, arrival.inbound.content_key)
            if arrival.inbound.kind == "own":
                receipts[index] = Receipt(arrival, "own", ours.get(arrival.inbound.external_id))
            elif key[1] and key in known:
                receipts[index] = Receipt(arrival, "known", known[key])
            else:
                fresh.append((index, arrival))
        receipts |= _receive_fresh(fresh, known)
    return [receipts[index] for index in range(len(arrivals))]


def _receive_fresh(
    fresh: list[tuple[int, Received]], known: dict[tuple[str, str], int]
) -> dict[int, Receipt]:
    arrivals = [arrival for _, arrival in fresh]
    if not arrivals:
        return {}
    people = identify_customers(_addresses(arrivals))
    authors = [people[_address(a.inbound.sender).key] for a in arrivals]
    book = gather_book(arrivals, [author.pk for author in authors])
    reopen_days = _reopen_days()
    writer = ArrivalWriter(book, people, count=len(arrivals))
    receipts = {}
    for (index, arrival), author in zip(fresh, authors, strict=True):
        key = (arrival.channel_kind, arrival.inbound.content_key)
        if key[1] and key in known:
            receipts[index] = Receipt(arrival, "known", known[key])
            continue
        placement = place_message(
            arrival.inbound,
            channel_id=arrival.channel_id,
            customer_id=author.pk,
            book=book,
            now=arrival.received_at,
            reopen_days=reopen_days,
        )
        message_id = writer.take(arrival, author, placement)
        receipts[index] = Receipt(arrival, "received", message_id)
        known[key] = message_id
    writer.write()
    return receipts


def _known_contents(arrivals: Sequence[Received]) -> dict[tuple[str, str], int]:
    keys = {(a.channel_kind, a.inbound.content_key) for a in arrivals if a.inbound.content_key}
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            KNOWN, [list({kind for kind, _key in keys}), list({key for _kind, key in keys})]
        )
        return {(kind, key): number for kind, key, number in cursor.fetchall()}


def _sent_by_us(arrivals: Sequence[Received]) -> dict[str, int]:
    """The messages of ours that came back, by the name that we gave them."""
    names = {a.inbound.external_id for a in arrivals if a.inbound.kind == "own"} - {""}
    if not names:
        return {}
    sent = Message.objects.filter(external_id__in=names, direction=Direction.OUT)
    return dict(sent.exclude(external_id="").values_list("external_id", "pk"))


def _addresses(arrivals: Sequence[Received]) -> list[Address]:
    found = []
    for arrival in arrivals:
        found.append(_address(arrival.inbound.sender))
        found += [_address(copied) for copied in copied_people(arrival.inbound)]
    return found


def _address(sender: Sender) -> Address:
    value = normalise_address(sender.kind, sender.value)
    return Address(
        sender.kind, value, shown=sender.value, name=sender.name, is_verified=sender.is_verified
    )


def _reopen_days() -> int:
    company = Company.objects.only("reopen_days").order_by("pk").first()
    return company.reopen_days if company else 14
