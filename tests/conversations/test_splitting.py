"""Splitting and moving: a message stands where it belongs, and the way back is open."""

from __future__ import annotations

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.merging import DifferentCustomers
from rapport.conversations.models import Conversation, Message
from rapport.conversations.moving import move_message
from rapport.conversations.solving import solve_conversation
from rapport.conversations.splitting import (
    CannotRejoin,
    NothingLeft,
    NothingToSplit,
    split_conversation,
    undo_split,
)
from tests.cast import Cast
from tests.conversations.arriving import arrive
from tests.conversations.listening import kinds_of, last_entry
from tests.conversations.test_merging import rows_of
from tests.makers import make_conversation, make_inbound


def test_split_off_and_back_every_row_is_as_it_was(cast: Cast) -> None:
    stranger = make_inbound(cast.tent, customer=cast.eli, text="退款一直沒有收到")
    cast.tent.participants.create(customer=cast.eli)
    before = rows_of(cast.tent)
    split = split_conversation(cast.tent, messages=[stranger.pk], by=cast.ben.actor)
    assert split.made.customer == cast.eli
    assert list(cast.tent.participants.values_list("customer", flat=True)) == [cast.dora.pk]
    undo_split(split, by=cast.ben.actor)
    assert rows_of(cast.tent) == before


def test_what_came_to_the_split_off_one_comes_back_too_and_so_does_later_mail(cast: Cast) -> None:
    photo = cast.tent.messages.get(external_id="tent-2@poczta.example")
    split = split_conversation(cast.tent, messages=[photo.pk], by=cast.ben.actor, subject="Zwrot")
    made = split.made
    assert (made.subject, made.team, made.state) == ("Zwrot", cast.support, "open")
    first = arrive(cast.mail, "dora@poczta.example", text="Ile?", thread_tokens=[made.pk])
    assert first.conversation_id == made.pk
    undo_split(split, by=cast.ben.actor)
    undo_split(split, by=cast.ben.actor)
    later = arrive(cast.mail, "dora@poczta.example", text="Kiedy?", thread_tokens=[made.pk])
    here = set(cast.tent.messages.values_list("pk", flat=True))
    assert {photo.pk, first.pk, later.pk} <= here
    assert kinds_of(cast.tent)[:2] == ["split", "rejoined"]


def test_splitting_twice_is_one_split(cast: Cast) -> None:
    photo = cast.tent.messages.get(external_id="tent-2@poczta.example")
    first = split_conversation(cast.tent, messages=[photo.pk], by=cast.ben.actor)
    assert split_conversation(cast.tent, messages=[photo.pk], by=cast.ben.actor) == first
    assert kinds_of(cast.tent) == ["split"]
    assert kinds_of(first.made) == ["opened"]


def test_nothing_nobodys_and_everything_is_not_split_off(cast: Cast) -> None:
    elsewhere = make_conversation(cast.dora, channel=cast.mail).messages.get()
    note = cast.tent.messages.get(direction="note")
    for messages in ([], [elsewhere.pk], [note.pk]):
        with pytest.raises(NothingToSplit):
            split_conversation(cast.tent, messages=messages, by=cast.ben.actor)
    everything = list(cast.tent.messages.values_list("pk", flat=True))
    with pytest.raises(NothingLeft):
        split_conversation(cast.tent, messages=everything, by=cast.ben.actor)


def test_a_split_is_not_undone_while_one_of_both_is_merged_away(cast: Cast) -> None:
    photo = cast.tent.messages.get(external_id="tent-2@poczta.example")
    split = split_conversation(cast.tent, messages=[photo.pk], by=cast.ben.actor)
    Conversation.objects.filter(pk=split.made_id).update(state="merged")
    with pytest.raises(CannotRejoin):
        undo_split(split, by=cast.ben.actor)


def test_cy_and_zoe_split_and_move_nothing(cast: Cast) -> None:
    photo = cast.tent.messages.get(external_id="tent-2@poczta.example")
    for agent in (cast.cy, cast.zoe):
        with pytest.raises(NotAllowed):
            split_conversation(cast.tent, messages=[photo.pk], by=agent.actor)
        with pytest.raises(NotAllowed):
            move_message(photo, by=agent.actor)


def test_a_message_threaded_wrongly_leaves_and_its_writer_with_it(cast: Cast) -> None:
    stranger = make_inbound(
        cast.tent, customer=cast.eli, text="退款", why={"thread": "token", "proof": "1"}
    )
    cast.tent.participants.create(customer=cast.eli)
    made = move_message(stranger, by=cast.ben.actor)
    assert made.customer == cast.eli
    assert not cast.tent.participants.filter(customer=cast.eli).exists()
    why = Message.objects.get(pk=stranger.pk).why
    assert (why["thread"], why["moved"]["from"], why["moved"]["by"]) == (
        "token",
        cast.tent.pk,
        "Ben",
    )
    assert last_entry().details["source"] == cast.tent.pk
    assert f"conversation:{cast.tent.pk}" in last_entry().streams.split()


def test_moved_again_it_is_where_it_is(cast: Cast) -> None:
    photo = cast.tent.messages.get(external_id="tent-2@poczta.example")
    made = move_message(photo, by=cast.ben.actor)
    assert move_message(photo, by=cast.ben.actor) == made
    back = move_message(photo, into=cast.tent, by=cast.ben.actor)
    assert back == cast.tent
    assert Conversation.objects.get(pk=made.pk).merged_into == cast.tent


def test_into_somebody_elses_conversation_it_goes_only_when_it_is_meant(cast: Cast) -> None:
    tea = make_conversation(cast.eli, channel=cast.mail, text="退款", team=cast.support)
    photo = cast.tent.messages.get(external_id="tent-2@poczta.example")
    with pytest.raises(DifferentCustomers):
        move_message(photo, into=tea, by=cast.ben.actor)
    move_message(photo, into=tea, by=cast.ben.actor, across_customers=True)
    assert set(tea.participants.values_list("customer", flat=True)) == {cast.dora.pk, cast.eli.pk}
    assert cast.tent.messages.count() == 3


def test_what_is_moved_into_a_solved_one_opens_it(cast: Cast) -> None:
    boots = make_conversation(cast.dora, channel=cast.mail, team=cast.support)
    solve_conversation(boots, by=cast.ben.actor)
    photo = cast.tent.messages.get(external_id="tent-2@poczta.example")
    move_message(photo, into=boots, by=cast.ben.actor)
    boots.refresh_from_db()
    assert (boots.state, boots.message_count) == ("open", 2)
    cast.tent.refresh_from_db()
    assert cast.tent.waiting_since is None
