"""Arriving: a mail comes in by the real road, from the moment when it has been read."""

from __future__ import annotations

from typing import Any

from rapport.channels.models import Channel
from rapport.conversations.inbound import Inbound, Received, Sender
from rapport.conversations.models import Message
from rapport.conversations.receiving import receive_messages
from rapport.kernel import clock


def arrive(channel: Channel, address: str, *, text: str, name: str = "", **fields: Any) -> Message:
    """Let a mail from this address arrive; `thread_tokens` and `references` say what it answers."""
    inbound = Inbound(
        sender=Sender("email", address, name=name, is_verified=True), text=text, **fields
    )
    received = Received(inbound, channel.pk, channel.kind, clock.now(), team_id=channel.team_id)
    [receipt] = receive_messages([received])
    return Message.objects.get(pk=receipt.message_id)
