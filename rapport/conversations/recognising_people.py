"""Recognising people: whoever writes becomes findable, and is compared with those whom we know.

Follows the journal: what is said of a customer, and what they say themselves, whose signature may name a number.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rapport.conversations.events import ConversationOpened, MessageReceived
from rapport.conversations.models import Message
from rapport.conversations.rehoming import rehome_strays
from rapport.customers.comparing import compare_customers
from rapport.customers.events import (
    CustomerChanged,
    CustomersMerged,
    CustomersParted,
    IdentityAdded,
    IdentityRemoved,
)
from rapport.customers.marking import mark_customers
from rapport.customers.models import Mark
from rapport.kernel import journal
from rapport.kernel.journal.models import Entry

FOLLOWER = "customers.likeness"


@journal.follow(
    FOLLOWER,
    ConversationOpened,
    MessageReceived,
    CustomerChanged,
    CustomersMerged,
    CustomersParted,
    IdentityAdded,
    IdentityRemoved,
    rest=1.0,
)
def recognise_news(entries: Sequence[Entry]) -> None:
    """Mark and compare those whom the news is about."""
    details = [entry.details for entry in entries]
    people = {each[name] for each in details for name in ("customer", "other") if each.get(name)}
    messages = {each["message"] for each in details if "message" in each}
    routine = (ConversationOpened.kind, MessageReceived.kind)
    changed = {
        number
        for entry in entries
        if entry.kind not in routine
        for name in ("customer", "other")
        if (number := entry.details.get(name))
    }
    recognise_people(people, messages=messages, changed=changed)


def recognise_people(
    people: Collection[int],
    *,
    messages: Collection[int] = (),
    changed: Collection[int] | None = None,
) -> None:
    """Make these customers (ids) findable, and compare those of whom something new is known.

    Where `changed` is given, of the others only who is new or signs their words is looked at: most of those
    who write are known already.
    """
    signed = Message.objects.filter(pk__in=messages).exclude(signature="").exclude(customer=None)
    signatures: dict[int, str] = {}
    for customer, words in signed.order_by("pk").values_list("customer_id", "signature"):
        signatures[customer] = f"{signatures.get(customer, '')}\n{words[:2000]}"
    rehome_strays(people)
    if changed is not None:
        known = Mark.objects.filter(customer__in=people).values_list("customer_id", flat=True)
        people = (set(people) - set(known)) | set(changed) | set(signatures)
    compare_customers(mark_customers(people, signatures=signatures))
