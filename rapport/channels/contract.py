"""The contract of a channel: what comes in, what goes out, and how an attempt ended.

A channel package holds `door.py` (pure: verify a request, cut it into arrivals), `reading.py` (pure: an
envelope's bytes become an `Inbound`), `sending.py` (one attempt to hand a delivery over) and `setting_up.py`
(its form and the check of its credentials).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rapport.channels.models import Delivery


@dataclass(frozen=True, slots=True)
class ChannelKey:
    """What a door knows of a channel: no model, so that the edge needs no Django."""

    id: int
    kind: str
    public_id: str
    hook_secret: str
    state: str
    address: str
    config: dict[str, Any]
    secrets: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it came: the raw body is what signatures are about."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Refused(Exception):
    """The door says no: an HTTP status and a reason that a stranger may read.

    `errors` name the fields that are wrong: [{"pointer": "/contact/email", "detail": "…"}];
    `retry_after` are the seconds after which it may be asked again.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason
        self.errors, self.retry_after = errors, retry_after


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event to be kept: its id within the channel, its bytes, and the lane in which order counts."""

    event_id: str
    raw: bytes
    lane: int
    headers: dict[str, str] = field(default_factory=dict)


def lane_of(channel_id: int, sender: str) -> int:
    """The lane of a sender within a channel: a signed 64-bit hash, the same for every door.

    Envelopes of one lane are worked in the order in which they came; without a sender all share lane 0 of
    their channel.
    """
    digest = hashlib.blake2b(
        f"{channel_id}\0{sender.lower()}".encode("utf-8", "replace"), digest_size=8
    )
    return int.from_bytes(digest.digest(), "big", signed=True)


class Door(Protocol):
    """The module `door` of a channel."""

    def open_door(
        self, channel: ChannelKey, request: RawRequest, *, now: datetime
    ) -> list[Arrival]:
        """Verify and cut into arrivals; raises Refused."""
        ...


class Unreadable(Exception):
    """The channel cannot read this envelope; it is parked with this reason."""


class Outcome(StrEnum):
    """How an attempt to send ended (channels' common taxonomy)."""

    ACCEPTED = "accepted"
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    UNKNOWN = "unknown"
    AUTH_INVALID = "auth_invalid"
    RECIPIENT_UNREACHABLE = "recipient_unreachable"
    CONTENT_INVALID = "content_invalid"
    MISCONFIGURED = "misconfigured"
    PERMANENT = "permanent"

    @property
    def may_retry(self) -> bool:
        """Only where nothing was handed over and the cause may pass."""
        return self in (Outcome.THROTTLED, Outcome.TRANSIENT)


@dataclass(frozen=True, slots=True)
class SendResult:
    """An attempt's end. Where some recipients were `taken`, `refused` and `put_off` name the others.

    `refused` were turned down for good, `put_off` may be tried again; each with the other side's words.
    `code` says what went wrong (explaining.FAULTS) where more is known than the outcome; `error` holds words.
    """

    outcome: Outcome
    external_id: str = ""
    error: str = ""
    code: str = ""
    retry_after: float | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    put_off: Mapping[str, str] = field(default_factory=dict)
    taken: Sequence[str] = ()


class Sending(Protocol):
    """The module `sending` of a channel."""

    def send_delivery(self, delivery: Delivery) -> SendResult:
        """Hand one delivery over, calling `delivering.mark_handing` right before the point of no return."""
        ...
