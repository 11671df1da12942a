"""Blanking: a secret taken out of a message is not kept in what the message was made from."""

from __future__ import annotations

from django.db import connection

from rapport.channels.blanking import known_copies
from rapport.channels.email.configuring import MailConfig
from rapport.channels.email.writing import keep_message_id, write_mail
from rapport.channels.models import Envelope
from rapport.conversations.models import Message
from rapport.conversations.redacting import redact_secret
from rapport.conversations.replying import reply
from rapport.kernel.journal.following import FOLLOWERS, follow_on
from tests.cast import Cast, make_cast
from tests.channels.mails import mail, put, receive


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
            channel=cast.mail,
            event_id=f"e{number}",
            raw=b"raw",
            message_id=number or message.pk,
            error="known",
        )
        for number in (0, 999_999_999)
    )
    redact_secret(message, secret="przy szwie", by=cast.ben.actor)
    while follow_on(FOLLOWERS["channels.blanking"]):
        pass
    copy.refresh_from_db()
    other.refresh_from_db()
    assert (bytes(copy.raw), bytes(other.raw)) == (b"", b"raw")


def test_a_copy_that_comes_after_the_secret_was_taken_out_is_empty_too(database: str) -> None:
    cast = make_cast()
    raw = mail(text="My number is 4111-1111.")
    [first] = receive(cast.mail, raw)
    redact_secret(first, secret="4111-1111", by=cast.ada.actor)
    late = put(cast.mail, raw, event_id="by another door")
    fresh = put(cast.mail, mail(text="Nothing secret"), event_id="other")
    receive(cast.mail)
    late.refresh_from_db()
    fresh.refresh_from_db()
    assert (late.error, late.message_id) == ("known", first.pk)
    assert (bytes(late.raw), late.headers) == (b"", {})
    assert bytes(fresh.raw)


def test_copies_are_found_by_their_index(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
    assert "envelope_copy" in known_copies([1, 2]).explain()


def test_a_mail_of_ours_that_came_back_loses_the_secret_too(database: str) -> None:
    cast = make_cast()
    sent = reply(cast.tent, by=cast.ben.actor, text="Your code is 4711-0815.", anyway=True)
    keep_message_id(sent, channel=cast.mail)
    raw = write_mail(sent, channel=cast.mail, settings=MailConfig()).raw
    early = put(cast.mail, raw, event_id="early")
    receive(cast.mail)
    redact_secret(sent, secret="4711-0815", by=cast.ben.actor)
    while follow_on(FOLLOWERS["channels.blanking"]):
        pass
    late = put(cast.mail, raw, event_id="late")
    receive(cast.mail)
    for back in (early, late):
        back.refresh_from_db()
        assert (back.error, back.message_id, bytes(back.raw)) == ("own", sent.pk, b"")
