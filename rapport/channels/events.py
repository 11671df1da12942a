"""The news of channels: what became of what we sent, and how the channels fare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.conversations.events import ConversationEvent
from rapport.kernel.journal import Event


@dataclass(frozen=True, kw_only=True)
class DeliveryEvent(ConversationEvent):
    """Something about the way of one message out; seen wherever its conversation is seen.

    `only_to` is the recipient where it is about one who was put off while others were taken.
    """

    message: int
    delivery: int
    channel: int
    only_to: str = ""


@dataclass(frozen=True, kw_only=True)
class DeliveryAccepted(DeliveryEvent):
    """The other side took it; `refused` are the addresses that it turned down all the same."""

    kind: ClassVar[str] = "channels.delivery_accepted"
    external_id: str = ""
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeliveryArrived(DeliveryEvent):
    """The provider says that it reached the customer's device or mailbox."""

    kind: ClassVar[str] = "channels.delivery_arrived"


@dataclass(frozen=True, kw_only=True)
class DeliveryRead(DeliveryEvent):
    """The provider says that the customer has seen it."""

    kind: ClassVar[str] = "channels.delivery_read"


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed(DeliveryEvent):
    """It did not get there and will not be tried again by itself."""

    kind: ClassVar[str] = "channels.delivery_failed"
    error: str


@dataclass(frozen=True, kw_only=True)
class DeliveryUnknown(DeliveryEvent):
    """It was handed over and no answer came: a person must say whether it arrived."""

    kind: ClassVar[str] = "channels.delivery_unknown"
    error: str


@dataclass(frozen=True, kw_only=True)
class DeliveryPostponed(DeliveryEvent):
    """This attempt handed nothing over; the next one is at `due_at` (ISO time)."""

    kind: ClassVar[str] = "channels.delivery_postponed"
    keep_days: ClassVar[int | None] = 90
    error: str
    due_at: str


@dataclass(frozen=True, kw_only=True)
class DeliveryRetried(DeliveryEvent):
    """A person had it sent again; `before` is the state that it was in."""

    kind: ClassVar[str] = "channels.delivery_retried"
    before: str


@dataclass(frozen=True, kw_only=True)
class ChannelEvent(Event):
    """Something about one channel; for the people who look after the settings."""

    channel: int

    @property
    def subject(self) -> tuple[str, int]:
        return "channel", self.channel

    @property
    def streams(self) -> tuple[str, ...]:
        return ("settings",)


@dataclass(frozen=True, kw_only=True)
class ChannelAdded(ChannelEvent):
    """There is one more way to reach us."""

    kind: ClassVar[str] = "channels.channel_added"
    channel_kind: str


@dataclass(frozen=True, kw_only=True)
class ChannelChanged(ChannelEvent):
    """Its settings are others now; `changed` names them, a password only by its name."""

    kind: ClassVar[str] = "channels.channel_changed"
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChannelPaused(ChannelEvent):
    """Nothing comes in or goes out by it until somebody resumes it; nothing is lost."""

    kind: ClassVar[str] = "channels.channel_paused"


@dataclass(frozen=True, kw_only=True)
class ChannelResumed(ChannelEvent):
    """It is in use again; what waited goes out."""

    kind: ClassVar[str] = "channels.channel_resumed"


@dataclass(frozen=True, kw_only=True)
class SecretRotated(ChannelEvent):
    """It has another secret; `what` is "hook" (its address), "signing" or "token"."""

    kind: ClassVar[str] = "channels.secret_rotated"
    what: str


@dataclass(frozen=True, kw_only=True)
class ChannelBroken(ChannelEvent):
    """Nothing goes out by it until a person has mended it (a lost password, say)."""

    kind: ClassVar[str] = "channels.channel_broken"
    error: str


@dataclass(frozen=True, kw_only=True)
class ChannelThrottled(ChannelEvent):
    """The other side asks us to send more slowly; nothing goes out by it until then, and then by itself."""

    kind: ClassVar[str] = "channels.channel_throttled"
    keep_days: ClassVar[int | None] = 365
    error: str
    until: str


@dataclass(frozen=True, kw_only=True)
class ChannelRepaired(ChannelEvent):
    """It works again; what waited goes out."""

    kind: ClassVar[str] = "channels.channel_repaired"


@dataclass(frozen=True, kw_only=True)
class MailboxLost(ChannelEvent):
    """Its mailbox cannot be read; it is tried again and again."""

    kind: ClassVar[str] = "channels.mailbox_lost"
    keep_days: ClassVar[int | None] = 365
    folder: str
    error: str


@dataclass(frozen=True, kw_only=True)
class MailboxFound(ChannelEvent):
    """Its mailbox can be read again."""

    kind: ClassVar[str] = "channels.mailbox_found"
    keep_days: ClassVar[int | None] = 365
    folder: str


@dataclass(frozen=True, kw_only=True)
class EnvelopeEvent(Event):
    """Something about an arrival that needs a person's eye."""

    envelope: int

    @property
    def subject(self) -> tuple[str, int]:
        return "envelope", self.envelope

    @property
    def streams(self) -> tuple[str, ...]:
        return ("settings",)


@dataclass(frozen=True, kw_only=True)
class EnvelopeParked(EnvelopeEvent):
    """It could not be read or placed; its bytes are kept."""

    kind: ClassVar[str] = "channels.envelope_parked"
    keep_days: ClassVar[int | None] = 365
    error: str


@dataclass(frozen=True, kw_only=True)
class EnvelopeReplayed(EnvelopeEvent):
    """Somebody let it be tried again."""

    kind: ClassVar[str] = "channels.envelope_replayed"
    keep_days: ClassVar[int | None] = 365
