"""Rehoming: when two people are one, what they wrote about is the one's; when they part, it finds its way back.

In the very commit of the merge: nobody ever sees half of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from rapport.conversations.models import (
    Conversation,
    Direction,
    Message,
    Participant,
    Rehoming,
)
from rapport.customers.events import CustomersMerged, CustomersParted
from rapport.customers.identifying import normalise_address
from rapport.customers.merging import landing_of
from rapport.customers.models import Customer, Identity
from rapport.kernel import journal


@journal.accompany(CustomersMerged)
def follow_merge(event: CustomersMerged) -> None:
    """All that belonged to `other` belongs to `customer`."""
    Rehoming.objects.create(merge_id=event.merge, moved=_move(event.other, event.customer))


@journal.accompany(CustomersParted)
def follow_parting(event: CustomersParted) -> None:
    """What went over goes back, and what came since by an address of `other` goes to them."""
    holder, returning = event.customer, event.other
    moved = Rehoming.objects.get(pk=event.merge).moved
    own = _conversations_of(holder).filter(pk__in=moved["conversations"])
    messages = Message.objects.filter(pk__in=moved["messages"], customer=holder)
    new_messages = _came_since(holder, returning, moved["newest"])
    _lock(own)
    numbers = set(own.values_list("pk", flat=True)) | _opened_by(
        holder, new_messages, since=moved["last"]
    )
    Conversation.objects.filter(pk__in=numbers).update(customer_id=returning)
    messages.update(customer_id=returning)
    Message.objects.filter(pk__in=new_messages).update(customer_id=returning)
    _seat_again(holder, returning, moved, numbers, new_messages)


def rehome_strays(people: Collection[int]) -> None:
    """What was opened for somebody at the very moment of their merge goes where they are now.

    An arrival knows its writer before it writes; the merge cannot wait for arrivals.
    """
    merged = Customer.objects.filter(pk__in=people, merged_into__isnull=False)
    for stray in merged.filter(messages__isnull=False).distinct():
        _move(stray.pk, landing_of(stray).pk)


def _move(source: int, target: int) -> dict[str, Any]:
    """Give all of one person's to another; returns what went over, and where the line was."""
    conversations = Conversation.objects.filter(customer=source)
    _lock(conversations)
    numbers = list(conversations.order_by("pk").values_list("pk", flat=True))
    messages = Message.objects.filter(customer=source)
    moved = {
        "conversations": numbers,
        "messages": list(messages.order_by("pk").values_list("pk", flat=True)),
        "newest": Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0,
        "last": Conversation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0,
    }
    conversations.update(customer_id=target)
    messages.update(customer_id=target)
    seats = Participant.objects.filter(customer=source)
    shared = Participant.objects.filter(
        customer=target, conversation__in=seats.values("conversation")
    )
    twice = list(shared.order_by("pk").values_list("conversation_id", flat=True))
    left = list(seats.exclude(conversation__in=twice).values_list("conversation_id", flat=True))
    seats.filter(conversation__in=twice).delete()
    seats.update(customer_id=target)
    return {**moved, "seats": left, "shared_seats": twice}


def _came_since(holder: int, returning: int, newest: int) -> list[int]:
    """The messages of the holder that came since by an address that is theirs who return."""
    identities = Identity.objects.filter(customer=returning).values_list("kind", "value")
    # The id in another system stands in a message without its channel.
    known = {(k, v.partition(":")[2] if k == "external" else v) for k, v in identities}
    rows = Message.objects.filter(customer=holder, pk__gt=newest, direction=Direction.IN)
    found = rows.order_by("pk").values_list("pk", "addresses")
    return [number for number, heads in found if known & set(_senders(heads))]


def _senders(heads: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """The identities that the head of a message may name."""
    for person in heads.get("from") or []:
        address = str(person.get("address", ""))
        for kind in ("email", "phone", "external"):
            yield kind, normalise_address(kind, address)


def _opened_by(holder: int, messages: list[int], *, since: int) -> set[int]:
    """The conversations of the holder, opened since, whose first words are among these messages."""
    opened = Message.objects.filter(pk__in=messages, conversation__pk__gt=since)
    numbers = set(opened.values_list("conversation_id", flat=True))
    said = Message.objects.filter(conversation__in=numbers, direction=Direction.IN)
    first = dict(said.order_by("-pk").values_list("conversation_id", "pk"))
    theirs = {number for number, message in first.items() if message in set(messages)}
    new = _conversations_of(holder).filter(pk__in=theirs)
    _lock(new)
    return set(new.values_list("pk", flat=True))


def _seat_again(
    holder: int, returning: int, moved: dict[str, Any], numbers: set[int], messages: list[int]
) -> None:
    """Everybody takes part where they took part before, and where they have spoken since."""
    seats = Participant.objects.filter(customer=holder)
    own = (set(moved["seats"]) | numbers) - set(moved["shared_seats"])
    seats.filter(conversation__in=own).exclude(conversation__in=_seated(returning)).update(
        customer_id=returning
    )
    spoken = Message.objects.filter(pk__in=messages).values_list("conversation_id", flat=True)
    missing = (set(moved["shared_seats"]) | set(spoken)) - set(_seated(returning))
    standing = Conversation.objects.filter(pk__in=missing).order_by("pk")
    Participant.objects.bulk_create(
        Participant(conversation=each, customer_id=returning) for each in standing
    )
    written = Message.objects.filter(customer=holder, conversation__in=own)
    back = set(written.values_list("conversation_id", flat=True)) - set(_seated(holder))
    Participant.objects.bulk_create(
        Participant(conversation_id=number, customer_id=holder) for number in sorted(back)
    )


def _seated(customer: int) -> list[int]:
    rows = Participant.objects.filter(customer=customer)
    return list(rows.values_list("conversation_id", flat=True))


def _conversations_of(customer: int) -> Any:
    return Conversation.objects.filter(customer=customer)


def _lock(conversations: Any) -> None:
    """In the order of their ids, as every writer does."""
    list(conversations.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
