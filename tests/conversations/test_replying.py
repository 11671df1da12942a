"""Replying: once, to the right people, and not over the head of somebody who was faster."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.addressing import BadRecipient, TooManyRecipients
from rapport.conversations.models import Conversation, Message
from rapport.conversations.replying import NotAnswerable, ThreadMoved, reply
from rapport.conversations.sending import EmptyMessage, NoRecipient, NoWayOut
from rapport.conversations.uploading import UploadGone, keep_upload
from rapport.kernel import clock
from rapport.kernel.actors import Actor
from tests.cast import Cast, make_cast
from tests.conversations.listening import kinds_of, last_entry
from tests.conversations.racing import race
from tests.makers import make_agent, make_conversation, make_customer, make_inbound, make_message


@pytest.mark.django_db(transaction=True)
def test_a_double_click_at_one_instant_is_one_message() -> None:
    cast = make_cast()

    def click() -> Message:
        tent = Conversation.objects.get(pk=cast.tent.pk)
        return reply(tent, by=cast.ben.actor, text="Zwrócimy.", client_key="form-1")

    made = race(*[click] * 4)
    assert len({message.pk for message in made}) == 1
    assert kinds_of(cast.tent) == ["message_sent"]


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_answer_at_once_one_is_shown_the_others_words() -> None:
    cast = make_cast()
    seen = cast.tent.last_message_id

    def answer(by: Actor, text: str) -> Message:
        tent = Conversation.objects.get(pk=cast.tent.pk)
        return reply(tent, by=by, text=text, seen_message_id=seen)

    ends = race(lambda: answer(cast.ada.actor, "A"), lambda: answer(cast.ben.actor, "B"))
    sent = next(end for end in ends if isinstance(end, Message))
    moved = next(end for end in ends if isinstance(end, ThreadMoved))
    assert [message.pk for message in moved.newer] == [sent.pk]
    assert Message.objects.filter(conversation=cast.tent, direction="out").count() == 2


def test_a_mail_that_came_meanwhile_stops_the_reply_unless_it_is_meant(cast: Cast) -> None:
    seen = cast.tent.last_message_id
    news = make_inbound(cast.tent, text="Już nieaktualne!")
    with pytest.raises(ThreadMoved) as stopped:
        reply(cast.tent, by=cast.ben.actor, text="Zwrot", seen_message_id=seen)
    assert stopped.value.newer == [news]
    assert kinds_of(cast.tent) == []
    reply(cast.tent, by=cast.ben.actor, text="Zwrot", seen_message_id=seen, anyway=True)
    assert kinds_of(cast.tent) == ["message_sent"]


def test_a_note_that_came_meanwhile_stops_nobody(cast: Cast) -> None:
    seen = cast.tent.last_message_id
    make_message(cast.tent, direction="note", text="I am on it")
    reply(cast.tent, by=cast.ben.actor, text="Zwrot", seen_message_id=seen)


def test_a_second_click_is_the_same_message_even_after_news(cast: Cast) -> None:
    first = reply(cast.tent, by=cast.ben.actor, text="Tak", client_key="k", seen_message_id=10**9)
    make_inbound(cast.tent, text="Dzięki")
    again = reply(cast.tent, by=cast.ben.actor, text="Tak", client_key="k", seen_message_id=1)
    assert again == first


def test_nobody_waits_any_longer_and_the_list_shows_the_answer(cast: Cast) -> None:
    assert cast.tent.waiting_since is not None
    message = reply(cast.tent, by=cast.ben.actor, text="Zwrot już\n\nw drodze.")
    cast.tent.refresh_from_db()
    assert cast.tent.waiting_since is None
    assert cast.tent.preview == "Zwrot już w drodze."
    assert cast.tent.last_message_id == message.pk
    assert message.subject == "Re: Namiot przecieka"
    assert message.addresses == {
        "to": [{"name": "Dora Zielińska", "address": "dora@poczta.example"}]
    }
    assert message.in_reply_to.text.startswith("W załączniku")


def test_the_journal_says_when_it_may_leave(cast: Cast) -> None:
    before = clock.now()
    reply(cast.tent, by=cast.ben.actor, text="Zwrot")
    details = last_entry().details
    assert details["due_at"] > (before + timedelta(seconds=4)).isoformat()
    assert (details["team"], details["channel"]) == (cast.support.pk, cast.mail.pk)
    later = clock.now() + timedelta(days=1)
    reply(cast.tent, by=cast.ben.actor, text="Przypominam", due_at=later)
    assert last_entry().details["due_at"] == later.isoformat()


def test_a_rules_reply_is_marked_automatic_and_leaves_at_once(cast: Cast) -> None:
    rule = Actor("rule", 7, "Welcome")
    message = reply(cast.tent, by=rule, text="We got it.")
    details = last_entry().details
    assert (message.kind, details["automatic"]) == ("auto_reply", True)
    assert details["due_at"] <= clock.now().isoformat()
    assert Conversation.objects.get(pk=cast.tent.pk).waiting_since is not None


@pytest.mark.parametrize("who", ["cy", "zoe"])
def test_who_may_not_work_here_sends_nothing(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        reply(cast.tent, by=getattr(cast, who).actor, text="Hi")
    assert kinds_of(cast.tent) == []


def test_a_viewer_and_somebody_who_left_send_nothing(cast: Cast) -> None:
    viewer = make_agent("Val", role="viewer", team=cast.support)
    gone = make_agent("Gil", team=cast.support, is_active=False)
    for agent in (viewer, gone):
        with pytest.raises(NotAllowed):
            reply(cast.tent, by=agent.actor, text="Hi")


@pytest.mark.parametrize(
    "address",
    ["", "dora", "a@b@c.example", "a@b.example\r\nBcc: eve@evil.example", "a b@c.example"],
)
def test_an_address_that_is_none_sends_nothing(cast: Cast, address: str) -> None:
    with pytest.raises(BadRecipient):
        reply(cast.tent, by=cast.ben.actor, text="Hi", to=[address])


def test_a_name_cannot_smuggle_a_header_in(cast: Cast) -> None:
    evil = {"name": "Dora\r\nBcc: eve@evil.example", "address": "dora@poczta.example"}
    message = reply(
        cast.tent, by=cast.ben.actor, text="Hi", to=[evil], subject="Hi\r\nBcc: eve@evil.example"
    )
    assert "\n" not in message.subject + message.addresses["to"][0]["name"]


def test_ten_thousand_recipients_are_refused(cast: Cast) -> None:
    crowd = [f"p{n}@crowd.example" for n in range(10_000)]
    with pytest.raises(TooManyRecipients):
        reply(cast.tent, by=cast.ben.actor, text="Hi", cc=crowd)


def test_nobody_is_addressed_twice(cast: Cast) -> None:
    message = reply(
        cast.tent, by=cast.ben.actor, text="Hi", cc=["DORA@poczta.example", "Eve <eve@x.example>"]
    )
    assert message.addresses["cc"] == [{"name": "Eve", "address": "eve@x.example"}]


def test_a_customer_who_is_copied_in_belongs_to_the_conversation(cast: Cast) -> None:
    reply(cast.tent, by=cast.ben.actor, text="Hi", cc=["eli@xinxiang.example"])
    people = set(cast.tent.participants.values_list("customer_id", flat=True))
    assert people == {cast.dora.pk, cast.eli.pk}


def test_a_blind_copy_does_not_make_anybody_belong(cast: Cast) -> None:
    reply(cast.tent, by=cast.ben.actor, text="Hi", bcc=["eli@xinxiang.example"])
    assert cast.tent.participants.count() == 1


def test_nothing_to_say_nobody_to_say_it_to_and_no_way_out(cast: Cast) -> None:
    with pytest.raises(EmptyMessage):
        reply(cast.tent, by=cast.ben.actor, text=" \n ")
    with pytest.raises(NoRecipient):
        reply(cast.tent, by=cast.ben.actor, text="Hi", to=[])
    with pytest.raises(NoWayOut):
        reply(make_conversation(make_customer()), by=cast.ben.actor, text="Hi")


def test_spam_is_not_answered(cast: Cast) -> None:
    Conversation.objects.filter(pk=cast.tent.pk).update(state="spam")
    with pytest.raises(NotAnswerable):
        reply(cast.tent, by=cast.ben.actor, text="Hi")


def test_files_go_along_once_and_only_their_uploaders(cast: Cast) -> None:
    upload = keep_upload(
        b"\x89PNG", name="../../szew.png", content_type="image/png", by=cast.ben.actor
    )
    with pytest.raises(UploadGone):
        reply(cast.tent, by=cast.ada.actor, text="Hi", attachments=[upload.pk])
    message = reply(cast.tent, by=cast.ben.actor, text="", attachments=[upload.pk])
    assert [file.name for file in message.attachments.all()] == ["szew.png"]
    with pytest.raises(UploadGone):
        reply(cast.tent, by=cast.ben.actor, text="Again", attachments=[upload.pk])
