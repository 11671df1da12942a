"""Addressing: to whom an answer goes, and what an address may look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.conversations.locking import Refusal
from rapport.conversations.models import Conversation, Direction, Message
from rapport.customers.models import Customer
from rapport.kernel.mail.naming_subjects import base_subject

Address = dict[str, str]
MOST_RECIPIENTS = 100
PLAUSIBLE = re.compile(r"[^\s@<>(),;:\"\\]+@[^\s@<>(),;:\"\\]+\Z")


class BadRecipient(Refusal):
    """An address that mail cannot go to; `address` is the one."""

    message = _("%(address)s is not an address that mail can go to.")

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def __str__(self) -> str:
        return str(self.message) % {"address": self.address}


class TooManyRecipients(Refusal):
    """More than a conversation should have."""

    message = _("These are too many recipients for one message.")


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who a message goes to; each list holds {"name", "address"}."""

    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    bcc: list[Address] = field(default_factory=list)

    def __iter__(self) -> Any:
        return iter([*self.to, *self.cc, *self.bcc])


OwnAddresses = Callable[[], Collection[str]]
_own: list[OwnAddresses] = []


def register_own_addresses(ours: OwnAddresses) -> OwnAddresses:
    """Let a higher room say which addresses (lower case) are our own, so that no reply goes to ourselves."""
    _own.append(ours)
    return ours


def own_addresses() -> frozenset[str]:
    """All addresses that come back to us, in lower case."""
    return frozenset(address for ours in _own for address in ours())


def is_own(address: str, *, ours: Collection[str]) -> bool:
    """Whether mail to it comes back to `ours`; a "+token" before the @ does not matter."""
    local, at, domain = address.lower().partition("@")
    return address.lower() in ours or local.partition("+")[0] + at + domain in ours


def parse_recipients(entries: Iterable[str | Mapping[str, str]]) -> list[Address]:
    """Clean addresses in their order, each once; raises BadRecipient.

    Takes "a@b.example", "Ann <a@b.example>" or {"name", "address"}.
    """
    found: dict[str, Address] = {}
    for entry in entries:
        name, address = _parts(entry)
        if not PLAUSIBLE.match(address) or not address.isprintable() or len(address) > 320:
            raise BadRecipient(address or name)
        found.setdefault(address.lower(), {"name": name, "address": address})
    return list(found.values())


def check_recipients(
    to: Iterable[str | Mapping[str, str]],
    cc: Iterable[str | Mapping[str, str]] = (),
    bcc: Iterable[str | Mapping[str, str]] = (),
) -> Recipients:
    """All three lists clean, nobody twice; raises BadRecipient, TooManyRecipients."""
    seen: set[str] = set()
    lists = []
    for entries in (to, cc, bcc):
        fresh = [a for a in parse_recipients(entries) if a["address"].lower() not in seen]
        seen |= {a["address"].lower() for a in fresh}
        lists.append(fresh)
    if len(seen) > MOST_RECIPIENTS:
        raise TooManyRecipients
    return Recipients(*lists)


def reply_recipients(
    conversation: Conversation, message: Message | None = None, *, everyone: bool
) -> Recipients:
    """To whom an answer to `message` goes: its writer, or (`everyone`) all who were addressed, never us.

    Without a message the newest one of a person counts; without any, the customer's own address.
    """
    answered = message or newest_to_answer(conversation)
    return recipients_of(conversation, answered, everyone=everyone, ours=own_addresses())


def recipients_of(
    conversation: Conversation, message: Message | None, *, everyone: bool, ours: Collection[str]
) -> Recipients:
    """To whom an answer to `message` goes, or one where there is no message to answer; `ours` are left out."""
    if message is None:
        return Recipients(to=customer_address(conversation.customer))
    heads = message.addresses
    if message.direction == Direction.OUT:
        to, more = _others(heads.get("to"), ours), []
    else:
        to = _others(heads.get("reply_to"), ours) or _others(heads.get("from"), ours)
        more = _others(heads.get("to"), ours)
    if not to:
        to = customer_address(message.customer or conversation.customer)
    if not everyone:
        return Recipients(to=to)
    taken = {a["address"].lower() for a in to}
    cc = {a["address"].lower(): a for a in [*more, *_others(heads.get("cc"), ours)]}
    return Recipients(to=to, cc=[a for key, a in cc.items() if key not in taken])


def newest_to_answer(conversation: Conversation) -> Message | None:
    """The newest message that came in from a person; else the newest that we sent; else None."""
    public = conversation.messages.filter(withdrawn_at=None).order_by("-sent_at", "-pk")
    came: Message | None = public.filter(direction=Direction.IN, kind="human").first()
    if came:
        return came
    return public.filter(direction=Direction.OUT).exclude(extras__has_key="forwards").first()


def bare_subject(subject: str) -> str:
    """The topic on one line, without the prefixes that mailers of every language put before it."""
    return base_subject(" ".join(subject.split()))


def reply_subject(topic: str) -> str:
    """The subject of an answer: the topic with one "Re:", or nothing where there is no topic."""
    bare = bare_subject(topic)
    return f"Re: {bare}" if bare else ""


def _parts(entry: str | Mapping[str, str]) -> tuple[str, str]:
    if isinstance(entry, Mapping):
        name, address = entry.get("name") or "", entry.get("address") or ""
    else:
        name, _angle, address = entry.strip().rpartition("<")
        address = address.removesuffix(">") if _angle else entry
        name = name.strip().strip('"')
    shown = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(shown.split())[:200], address.strip()


def _others(addresses: Sequence[Address] | None, ours: Collection[str]) -> list[Address]:
    return [a for a in addresses or [] if a.get("address") and not is_own(a["address"], ours=ours)]


def customer_address(customer: Customer) -> list[Address]:
    """The first mail address that the customer is known by; nothing where there is none."""
    address = customer.known_address
    if address is None:
        identity = customer.identities.filter(kind="email").order_by("pk").first()
        address = str(identity) if identity else ""
    return [{"name": customer.name, "address": address}] if address else []
