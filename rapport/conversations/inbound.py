"""What a channel hands over: messages as plain data, before anybody knows whose they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: Copied people beyond these stay addresses on the message and do not become participants.
MOST_COPIED = 30


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote: an address of a kind, a name, and whether the channel vouches for it."""

    kind: str
    value: str
    name: str = ""
    is_verified: bool = False


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file that came with a message; `data` is None where it was refused, `refused` says why."""

    name: str
    content_type: str
    size: int
    sha256: str
    data: bytes | None
    content_id: str = ""
    is_inline: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class BounceReport:
    """A delivery report about a message of ours."""

    external_id: str
    address: str
    status: str
    diagnostic: str
    permanent: bool


@dataclass(slots=True)
class Inbound:
    """A message as its channel read it, before anybody knows whose it is.

    `thread_tokens` are ids of conversations proved by tokens that we issued; `references` are ids of
    messages that it answers, nearest first; `matter` is the other system's own name of the conversation.
    `is_doubted`: it may not be from whom it says.
    """

    sender: Sender
    external_id: str = ""
    content_key: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    signature: str = ""
    html: str = ""
    has_held_images: bool = False
    kind: str = "human"
    kind_why: str = ""
    sent_at: datetime | None = None
    addresses: dict[str, Any] = field(default_factory=dict)
    copied: list[Sender] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    thread_tokens: list[int] = field(default_factory=list)
    matter: str = ""
    files: list[InboundFile] = field(default_factory=list)
    bounces: list[BounceReport] = field(default_factory=list)
    is_doubted: bool = False
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """An `Inbound` with the arrival that it was made from and where that came in."""

    inbound: Inbound
    channel_id: int
    channel_kind: str
    received_at: datetime
    envelope_id: int | None = None
    brand_id: int | None = None
    team_id: int | None = None


def copied_people(inbound: Inbound) -> list[Sender]:
    """Those whom the writer copied in and who become participants; a writer in doubt brings nobody in."""
    brings_in = inbound.kind == "human" and not inbound.is_doubted
    return inbound.copied[:MOST_COPIED] if brings_in else []


def sent_time(arrival: Received) -> datetime:
    """When it was written: the provider's time, never later than its arrival and never absurd."""
    sent = arrival.inbound.sent_at
    if sent is None or sent > arrival.received_at or sent.year < 1990:
        return arrival.received_at
    return sent
