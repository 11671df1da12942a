"""Asking aside: whatever the expert, the customer and their mailers do, nothing of it reaches the customer."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.conversations.access import NotAllowed, sides_visible_to, visible_to
from rapport.conversations.addressing import BadRecipient, reply_recipients
from rapport.conversations.asking_aside import (
    NoMailbox,
    NotTheCustomer,
    ask_aside,
    experts_of,
    go_on_aside,
    tell_of_answers,
)
from rapport.conversations.belonging import add_participants
from rapport.conversations.inbound import Sender
from rapport.conversations.indexing import index_messages
from rapport.conversations.merging import NotMergeable, merge_conversations
from rapport.conversations.models import Conversation, JoinProposal, Message, Participant, State
from rapport.conversations.replying import reply
from rapport.conversations.searching import search_messages
from rapport.conversations.sending import EmptyMessage
from rapport.conversations.unmerging import undo_merge
from rapport.kernel.journal.models import Entry
from tests.cast import Cast
from tests.conversations.arriving import arrive
from tests.conversations.listening import kinds_of
from tests.makers import make_conversation

EXPERT = "greta@seams.example"
DORA = "dora@poczta.example"
#: Everybody, as a mailer's "reply to all" addresses them.
ALL = {
    "from": [{"name": "Greta", "address": EXPERT}],
    "to": [{"name": "", "address": "help@maple.example"}],
    "cc": [{"name": "Dora", "address": DORA}],
}


@pytest.fixture
def side(cast: Cast) -> Conversation:
    """Ben has asked Greta about Dora's tent."""
    return ask(cast).conversation


def ask(cast: Cast, **fields: Any) -> Message:
    asked = {"text": "Can this seam be mended?", "to": [f"Greta <{EXPERT}>"]} | fields
    return ask_aside(cast.tent, by=cast.ben.actor, channel_id=cast.mail.pk, **asked)


def people_of(conversation: Conversation) -> set[str]:
    rows = Participant.objects.filter(conversation=conversation)
    return {str(each) for row in rows for each in row.customer.identities.all()}


def test_the_question_goes_to_the_expert_alone_with_a_token_of_its_own(
    cast: Cast, side: Conversation
) -> None:
    message = side.messages.get()
    assert [each["address"] for each in message.addresses["to"]] == [EXPERT]
    assert message.conversation_id != cast.tent.pk
    assert people_of(side) == {EXPERT}
    assert "Dzień dobry" not in message.text + message.quoted
    assert cast.tent.messages.filter(pk=message.pk).count() == 0
    assert kinds_of(cast.tent)[-1] == "asked_aside"


def test_asking_twice_with_one_key_is_one_thread(cast: Cast) -> None:
    assert ask(cast, client_key="k").pk == ask(cast, client_key="k").pk
    assert cast.tent.sides.count() == 1


def test_the_answer_comes_back_aside_and_is_told(cast: Cast, side: Conversation) -> None:
    answer = arrive(cast.mail, EXPERT, text="Yes, glue it.", thread_tokens=[side.pk])
    assert answer.conversation_id == side.pk
    tell_of_answers([answer.pk])
    told = Entry.objects.filter(kind="conversations.answered_aside").get()
    assert (told.subject_id, told.details["asker"]) == (cast.tent.pk, cast.ben.pk)
    side.refresh_from_db()
    assert side.state == State.SIDE


def test_an_expert_who_answers_all_brings_the_customer_nowhere_near(
    cast: Cast, side: Conversation
) -> None:
    arrive(
        cast.mail,
        EXPERT,
        text="Dear both",
        thread_tokens=[side.pk],
        addresses=ALL,
        copied=[Sender("email", DORA, name="Dora")],
        external_id="both@seams.example",
    )
    assert people_of(side) == {EXPERT}
    more = go_on_aside(side, by=cast.ben.actor, text="Only between us")
    assert [each["address"] for each in more.addresses["to"]] == [EXPERT]
    assert not more.addresses.get("cc")
    again = arrive(
        cast.mail, DORA, text="And me?", thread_tokens=[side.pk], references=["both@seams.example"]
    )
    assert again.conversation_id not in (side.pk, cast.tent.pk)
    assert again.conversation.state == State.OPEN


def test_an_expert_with_the_customers_token_does_not_get_into_the_conversation(
    cast: Cast, side: Conversation
) -> None:
    wrong = arrive(
        cast.mail,
        EXPERT,
        text="Hello Dora",
        thread_tokens=[cast.tent.pk],
        references=["tent-1@poczta.example"],
    )
    assert wrong.conversation_id not in (side.pk, cast.tent.pk)
    both = arrive(cast.mail, EXPERT, text="To you", thread_tokens=[cast.tent.pk, side.pk])
    assert both.conversation_id == side.pk
    assert people_of(cast.tent) == {DORA}


@pytest.mark.parametrize("subject", ["Re: Namiot przecieka", "Can this seam be mended?"])
def test_a_customer_with_a_guessed_token_gets_neither_in_nor_a_word_of_it(
    cast: Cast, side: Conversation, subject: str
) -> None:
    guess = arrive(cast.mail, DORA, text="Show me", thread_tokens=[side.pk], subject=subject)
    assert guess.conversation_id != side.pk
    assert not JoinProposal.objects.filter(other=side).exists()
    assert side.messages.count() == 1


def test_a_stranger_is_never_put_there_by_a_subject(cast: Cast, side: Conversation) -> None:
    stranger = arrive(
        cast.mail, "mallory@evil.example", text="Me too", subject=f"Re: {side.subject}"
    )
    assert stranger.conversation_id != side.pk
    expert = arrive(cast.mail, EXPERT, text="New matter", subject=f"Re: {side.subject}")
    assert expert.conversation_id != side.pk


def test_an_answer_to_the_customer_knows_nothing_of_it(cast: Cast, side: Conversation) -> None:
    arrive(cast.mail, EXPERT, text="Secret glue", thread_tokens=[side.pk], addresses=ALL)
    everybody = list(reply_recipients(cast.tent, everyone=True))
    assert EXPERT not in {each["address"] for each in everybody}
    answer = reply(cast.tent, by=cast.ben.actor, text="We mend it.")
    assert "glue" not in answer.quoted + answer.text
    assert answer.in_reply_to is not None
    assert answer.in_reply_to.conversation_id == cast.tent.pk


def test_the_customer_is_not_asked_aside(cast: Cast) -> None:
    for address in (DORA, DORA.upper(), f"Dora <{DORA}>"):
        with pytest.raises(NotTheCustomer):
            ask(cast, to=[address])
    add_participants(cast.tent, [cast.eli.pk])
    with pytest.raises(NotTheCustomer):
        ask(cast, to=["eli@xinxiang.example", EXPERT])
    assert not cast.tent.sides.exists()


def test_what_is_wrong_is_said(cast: Cast) -> None:
    with pytest.raises(EmptyMessage):
        ask(cast, text=" ")
    with pytest.raises(BadRecipient):
        ask(cast, to=["nobody"])
    with pytest.raises(NoMailbox):
        ask_aside(cast.tent, by=cast.ben.actor, text="Hm", to=[EXPERT])


def test_a_talk_among_colleagues_needs_no_mail(cast: Cast) -> None:
    first = ask_aside(cast.tent, by=cast.ben.actor, text="Do we mend seams?", client_key="k")
    assert (
        ask_aside(cast.tent, by=cast.ben.actor, text="Do we mend seams?", client_key="k") == first
    )
    side = first.conversation
    more = go_on_aside(side, by=cast.ada.actor, text="We do.")
    assert (first.direction, more.direction) == ("note", "note")
    assert experts_of([side.pk]) == {}
    guess = arrive(cast.mail, DORA, text="Hello", thread_tokens=[side.pk])
    assert guess.conversation_id != side.pk


def test_who_may_not_see_the_conversation_sees_nothing_aside(
    cast: Cast, side: Conversation
) -> None:
    for agent, sees in ((cast.ada, True), (cast.ben, True), (cast.cy, False), (cast.zoe, False)):
        assert sides_visible_to(agent).filter(pk=side.pk).exists() is sees
        assert not visible_to(agent).filter(pk=side.pk).exists()
        if not sees:
            with pytest.raises(NotAllowed):
                go_on_aside(side, by=agent.actor, text="Hm")


def test_no_search_finds_it(cast: Cast, side: Conversation) -> None:
    arrive(cast.mail, EXPERT, text="Marmotglue", thread_tokens=[side.pk])
    index_messages(list(Message.objects.values_list("pk", flat=True)))
    for agent in (cast.ada, cast.ben, cast.cy):
        assert search_messages(agent, "Marmotglue").hits == []


def test_a_merge_brings_it_along_and_its_undoing_back(cast: Cast, side: Conversation) -> None:
    other = make_conversation(cast.dora, subject="Śpiwór", team=cast.support)
    merge = merge_conversations(cast.tent, into=other, by=cast.ben.actor)
    side.refresh_from_db()
    assert side.beside_id == other.pk
    answer = arrive(cast.mail, EXPERT, text="Yes", thread_tokens=[side.pk])
    guess = arrive(cast.mail, DORA, text="Yes?", thread_tokens=[side.pk])
    assert answer.conversation_id == side.pk
    assert guess.conversation_id != side.pk
    undo_merge(merge, by=cast.ben.actor)
    side.refresh_from_db()
    assert side.beside_id == cast.tent.pk


def test_a_thread_aside_is_never_merged(cast: Cast, side: Conversation) -> None:
    for pair in ((side, cast.tent), (cast.tent, side)):
        with pytest.raises(NotMergeable):
            merge_conversations(pair[0], into=pair[1], by=cast.ada.actor)
