"""Forwarding and opening: who else is shown what, and who is written to first."""

from __future__ import annotations

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.forwarding import forward_message
from rapport.conversations.models import Attachment, Conversation, Message
from rapport.conversations.opening import open_conversation
from rapport.conversations.replying import reply
from rapport.conversations.sending import EmptyMessage, NoRecipient
from rapport.customers.models import Identity
from tests.cast import Cast, make_cast
from tests.conversations.arriving import arrive
from tests.conversations.listening import kinds_of, last_entry
from tests.conversations.racing import race
from tests.makers import make_customer

MILL = "Mill <mill@supplier.example>"


@pytest.fixture
def photo(cast: Cast) -> Message:
    """Dora's mail with the photo of the seam, and one file that was refused."""
    photo = cast.tent.messages.get(external_id="tent-2@poczta.example")
    Attachment.objects.create(message=photo, name="szew.png", stored_name="aa/bb/c", size=3)
    Attachment.objects.create(message=photo, name="film.mp4", refused="too large")
    return photo


def test_the_customer_still_waits_and_is_still_who_is_answered(cast: Cast, photo: Message) -> None:
    waiting = cast.tent.waiting_since
    sent = forward_message(photo, to=[MILL], text="Is this ours?", by=cast.ben.actor)
    tent = Conversation.objects.get(pk=cast.tent.pk)
    assert tent.waiting_since == waiting
    assert (sent.in_reply_to, sent.extras) == (None, {"forwards": photo.pk})
    assert sent.subject == "Fwd: Namiot przecieka"
    answer = reply(tent, by=cast.ben.actor, text="Pytamy producenta")
    assert [p["address"] for p in answer.addresses["to"]] == ["dora@poczta.example"]


def test_the_original_is_quoted_and_its_files_go_along(cast: Cast, photo: Message) -> None:
    sent = forward_message(photo, to=[MILL], by=cast.ben.actor)
    assert "W załączniku zdjęcie." in sent.quoted
    assert "Dora Zielińska <dora@poczta.example>" in sent.quoted
    assert [file.stored_name for file in sent.attachments.all()] == ["aa/bb/c"]
    assert photo.attachments.count() == 2
    left = photo.attachments.get(name="szew.png").pk
    bare = forward_message(photo, to=[MILL], without=[left], by=cast.ben.actor)
    assert not bare.attachments.exists()


def test_the_answer_to_a_forward_finds_the_conversation(cast: Cast, photo: Message) -> None:
    forward_message(photo, to=[MILL], by=cast.ben.actor)
    came = arrive(cast.mail, "mill@supplier.example", text="Yes", thread_tokens=[cast.tent.pk])
    assert came.conversation_id == cast.tent.pk
    answer = reply(Conversation.objects.get(pk=cast.tent.pk), by=cast.ben.actor, text="Thanks")
    assert [p["address"] for p in answer.addresses["to"]] == ["mill@supplier.example"]


def test_forwarding_needs_somebody_is_done_once_and_not_by_zoe(cast: Cast, photo: Message) -> None:
    with pytest.raises(NoRecipient):
        forward_message(photo, to=[], by=cast.ben.actor)
    with pytest.raises(NotAllowed):
        forward_message(photo, to=[MILL], by=cast.zoe.actor)
    assert not Identity.objects.filter(value="mill@supplier.example").exists()
    first = forward_message(photo, to=[MILL], by=cast.ben.actor, client_key="f")
    assert forward_message(photo, to=[MILL], by=cast.ben.actor, client_key="f") == first
    assert kinds_of(cast.tent) == ["message_sent"]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_opens_one_conversation() -> None:
    cast = make_cast()

    def click() -> Message:
        return open_conversation(
            cast.eli,
            by=cast.ben.actor,
            channel_id=cast.mail.pk,
            channel_kind="email",
            text="您好",
            client_key="new-1",
        )

    made = race(click, click, click)
    assert len({message.conversation_id for message in made}) == 1
    assert cast.eli.conversations.count() == 1


def test_an_agent_writes_first_and_nobody_waits(cast: Cast) -> None:
    message = open_conversation(
        cast.eli,
        by=cast.ben.actor,
        channel_id=cast.mail.pk,
        channel_kind="email",
        subject="您的訂單",
        text="您好",
        team=cast.support,
        assignee=cast.ben,
    )
    made = message.conversation
    assert (made.waiting_since, made.preview, made.message_count) == (None, "您好", 1)
    assert message.addresses["to"][0]["address"] == "eli@xinxiang.example"
    assert made.assignments.standing().get().agent == cast.ben
    assert kinds_of(made) == ["opened", "message_sent"]
    assert last_entry().details["channel"] == cast.mail.pk
    came = arrive(cast.mail, "eli@xinxiang.example", text="謝謝", thread_tokens=[made.pk])
    assert came.conversation == made


def test_nobody_to_write_to_nothing_to_say_and_nobody_who_may(cast: Cast) -> None:
    way = {"channel_id": cast.mail.pk, "channel_kind": "email"}
    stranger = make_customer("Stranger")
    stranger.identities.all().delete()
    with pytest.raises(NoRecipient):
        open_conversation(stranger, by=cast.ben.actor, text="Hi", **way)
    with pytest.raises(EmptyMessage):
        open_conversation(cast.eli, by=cast.ben.actor, text=" ", **way)
    with pytest.raises(NotAllowed):
        open_conversation(cast.eli, by=cast.zoe.actor, text="Hi", **way)
    assert cast.eli.conversations.count() == 0
