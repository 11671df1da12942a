"""The door for e-mail: a raw mail in the body, brought by whoever knows the secret address."""

from __future__ import annotations

from datetime import datetime

from rapport.channels.contract import Arrival, ChannelKey, RawRequest, Refused
from rapport.channels.email.arriving import arrival_of


def open_door(channel: ChannelKey, request: RawRequest, *, now: datetime) -> list[Arrival]:
    """The mail in the body; the secret in the address has proved who brings it. Raises Refused."""
    if not request.body.strip():
        raise Refused(400, "The body is empty; it must be a mail as message/rfc822.")
    return [arrival_of(channel.id, request.body)]
