"""Addressing: to whom a message goes, and how far it has come on its way to each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rapport.channels.models import Delivery, DeliveryState
from rapport.conversations.models import Message


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message for one recipient; `error` is why it did not get there (yet)."""

    address: str
    state: str
    error: str


def fates_of(message: Message, deliveries: Mapping[str, Delivery]) -> list[Fate]:
    """The fate of each recipient in the order of the heads; asks no query.

    `deliveries` are those of the message by their `only_to`. Nobody for what is not delivered.
    """
    whole = deliveries.get("")
    if whole is None:
        return []
    apart = {address.lower(): delivery for address, delivery in deliveries.items() if address}
    refused = {address.lower(): words for address, words in whole.refused.items()}
    taken = {address.lower() for address in whole.taken}
    fates = []
    for address in _recipients(message):
        mine = apart.get(address.lower())
        if mine:
            fates.append(Fate(address, mine.state, mine.error))
        elif address.lower() in refused:
            fates.append(Fate(address, DeliveryState.FAILED, refused[address.lower()]))
        elif whole.state == DeliveryState.FAILED and address.lower() in taken:
            fates.append(Fate(address, DeliveryState.ACCEPTED, ""))
        else:
            fates.append(Fate(address, whole.state, whole.error))
    return fates


def _recipients(message: Message) -> list[str]:
    heads = (message.addresses.get(head) or () for head in ("to", "cc", "bcc"))
    found = [who["address"] for people in heads for who in people if who.get("address")]
    return list(dict.fromkeys(found))
