"""What a channel hands over: a message as plain data, before anybody knows whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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
    messages that it answers, nearest first.
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
    files: list[InboundFile] = field(default_factory=list)
    bounces: list[BounceReport] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)
