"""Mails as customers' programs write them, and the road that they take in a test."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from rapport.channels.models import Channel, Envelope
from rapport.channels.receiving import receive_batch
from rapport.conversations.models import Message
from rapport.kernel.mail.identifying import mail_key

SENT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def mail(
    *,
    sender: str = "Dora <dora@poczta.example>",
    to: str = "help@maple.example",
    subject: str = "Where is my parcel?",
    text: str = "Hello, it has not come yet.",
    sent: datetime = SENT,
    **headers: str,
) -> bytes:
    """A plain mail; other headers by keyword, with _ for -. An empty one is left out."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(sent)
    for name, value in headers.items():
        if value:
            message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def put(channel: Channel, raw: bytes, **fields: object) -> Envelope:
    """Keep a mail as the doors do."""
    key = mail_key(raw)
    return Envelope.objects.create(
        channel=channel,
        event_id=str(fields.pop("event_id", key.event_id)),
        raw=raw,
        lane=abs(hash(key.sender)) % 2**62,
        door="test",
        **fields,
    )


def receive(channel: Channel, *raws: bytes) -> list[Message]:
    """Put mails into the road and let a worker take them in; returns their messages in order."""
    envelopes = [put(channel, raw) for raw in raws]
    while receive_batch():
        pass
    found = {message.envelope_id: message for message in Message.objects.all()}
    return [found[envelope.pk] for envelope in envelopes if envelope.pk in found]
