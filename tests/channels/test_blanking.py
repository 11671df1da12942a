"""Blanking: a secret taken out of a message is not kept in what the message was made from."""

from __future__ import annotations

from rapport.channels.models import Envelope
from rapport.conversations.models import Message
from rapport.conversations.redacting import redact_secret
from rapport.kernel.journal.following import FOLLOWERS, follow_on
from tests.cast import Cast, make_cast


def test_the_raw_mail_is_empty_in_the_same_commit(cast: Cast) -> None:
    message = cast.tent.messages.get(external_id="tent-1@poczta.example")
    made = Envelope.objects.create(
        channel=cast.mail, event_id="e1", raw=b"przy szwie", headers={"subject": "przy szwie"}
    )
    Message.objects.filter(pk=message.pk).update(envelope_id=made.pk)
    redact_secret(message, secret="przy szwie", by=cast.ben.actor)
    made.refresh_from_db()
    assert (bytes(made.raw), made.headers) == (b"", {})


def test_copies_are_emptied_by_the_follower(database: str) -> None:
    cast = make_cast()
    message = cast.tent.messages.get(external_id="tent-1@poczta.example")
    copy, other = (
        Envelope.objects.create(
            channel=cast.mail, event_id=f"e{number}", raw=b"raw", message_id=number or message.pk
        )
        for number in (0, 999_999_999)
    )
    redact_secret(message, secret="przy szwie", by=cast.ben.actor)
    while follow_on(FOLLOWERS["channels.blanking"]):
        pass
    copy.refresh_from_db()
    other.refresh_from_db()
    assert (bytes(copy.raw), bytes(other.raw)) == (b"", b"raw")
