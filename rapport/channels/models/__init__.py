"""The tables of channels."""

from __future__ import annotations

from rapport.channels.models.channel import Channel, ChannelState
from rapport.channels.models.delivery import Delivery, DeliveryState
from rapport.channels.models.envelope import Envelope, EnvelopeState
from rapport.channels.models.mailbox_cursor import MailboxCursor

__all__ = [
    "Channel",
    "ChannelState",
    "Delivery",
    "DeliveryState",
    "Envelope",
    "EnvelopeState",
    "MailboxCursor",
]
