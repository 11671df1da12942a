"""Merging and its undoing: everything stands where it stood, and new mail is at home (P18)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from rapport.conversations.access import NotAllowed
from rapport.conversations.joining import accept_join, decline_join
from rapport.conversations.locking import MergedAway
from rapport.conversations.merging import (
    DifferentCustomers,
    NotMergeable,
    landing_of,
    merge_conversations,
)
from rapport.conversations.models import Conversation, JoinProposal, Merge, Message
from rapport.conversations.replying import reply
from rapport.conversations.snoozing import snooze_conversation
from rapport.conversations.solving import solve_conversation
from rapport.conversations.tagging import tag_conversation
from rapport.conversations.unmerging import undo_merge
from rapport.conversations.watching import watch_conversation
from rapport.kernel import clock
from rapport.kernel.actors import Actor
from tests.cast import Cast, make_cast
from tests.conversations.arriving import arrive
from tests.conversations.listening import kinds_of, last_entry
from tests.conversations.racing import on_own_line, race, wait_for_somebody_who_waits
from tests.makers import make_conversation, make_inbound, make_message

RELATED = ("messages", "participants", "taggings", "follows", "snoozes", "solutions")


def rows_of(conversation: Conversation) -> dict[str, Any]:
    """Every row of it, byte by byte."""
    fresh = Conversation.objects.get(pk=conversation.pk)
    found: dict[str, Any] = {
        "conversation": Conversation.objects.filter(pk=fresh.pk).values().get()
    }
    for name in RELATED:
        found[name] = list(getattr(fresh, name).order_by("pk").values())
    return found


@pytest.fixture
def boots(cast: Cast) -> Conversation:
    """Another conversation of Dora's, tagged, watched and older than half of the tent's messages."""
    boots = make_conversation(
        cast.dora,
        channel=cast.mail,
        subject="Buty",
        team=cast.support,
        text="",
        opened_at=clock.now() - timedelta(hours=4),
    )
    make_inbound(
        boots,
        text="Buty za małe",
        external_id="boots-1@poczta.example",
        sent_at=clock.now() - timedelta(hours=4),
        client_key="same",
    )
    make_message(boots, direction="note", text="Size 40?", client_key="note")
    tag_conversation(boots, tag="size", by=cast.ben.actor)
    tag_conversation(boots, tag="vip", by=cast.ben.actor)
    tag_conversation(cast.tent, tag="vip", by=cast.ben.actor)
    watch_conversation(boots, agent=cast.ada, by=cast.ada.actor)
    make_message(cast.tent, direction="note", text="Same key", client_key="same")
    return boots


def test_merged_then_new_mail_then_undone_the_mail_is_at_home_and_the_rest_as_it_was(
    cast: Cast, boots: Conversation
) -> None:
    before = rows_of(boots), rows_of(cast.tent)
    merge = merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    mail = arrive(cast.mail, "dora@poczta.example", text="I co z butami?", thread_tokens=[boots.pk])
    assert mail.conversation_id == cast.tent.pk
    undo_merge(merge, by=cast.ben.actor)
    after = rows_of(boots), rows_of(cast.tent)
    assert after[1] == before[1]
    assert after[0]["messages"].pop()["text"] == "I co z butami?"
    assert after[0]["conversation"].pop("last_message_id") == mail.pk
    for column in ("preview", "message_count", "last_message_at", "last_inbound_at"):
        del after[0]["conversation"][column]
    assert after[0]["conversation"].items() <= before[0]["conversation"].items()
    assert {name: after[0][name] for name in RELATED} == {name: before[0][name] for name in RELATED}


def test_undone_at_once_every_row_is_as_it_was(cast: Cast, boots: Conversation) -> None:
    before = rows_of(boots), rows_of(cast.tent)
    merge = merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    assert cast.tent.message_count == 7
    undo_merge(merge, by=cast.ada.actor)
    assert (rows_of(boots), rows_of(cast.tent)) == before


def test_an_answer_to_the_merged_mail_and_what_answers_it_go_home_too(
    cast: Cast, boots: Conversation
) -> None:
    merge = merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    asked = boots.merges_away.get().moved["messages"][0]
    answer = reply(
        cast.tent,
        by=cast.ben.actor,
        text="Wymienimy",
        in_reply_to=cast.tent.messages.get(pk=asked),
    )
    about_tent = arrive(
        cast.mail, "dora@poczta.example", text="A namiot?", references=["tent-1@poczta.example"]
    )
    thanks = arrive(
        cast.mail, "dora@poczta.example", text="Super", references=["boots-1@poczta.example"]
    )
    undo_merge(merge, by=cast.ben.actor)
    assert {answer.pk, thanks.pk} <= set(boots.messages.values_list("pk", flat=True))
    assert cast.tent.messages.filter(pk=about_tent.pk).exists()


def test_three_in_a_chain_come_apart_in_any_order(cast: Cast, boots: Conversation) -> None:
    stove = make_conversation(cast.dora, channel=cast.mail, text="Kuchenka", team=cast.support)
    before = [rows_of(c) for c in (boots, stove, cast.tent)]
    first = merge_conversations(boots, into=stove, by=cast.ben.actor)
    second = merge_conversations(stove, into=cast.tent, by=cast.ben.actor)
    assert landing_of(Conversation.objects.get(pk=boots.pk)) == cast.tent
    undo_merge(first, by=cast.ben.actor)
    undo_merge(second, by=cast.ben.actor)
    assert [rows_of(c) for c in (boots, stove, cast.tent)] == before


def test_what_waits_opens_the_solved_one_it_goes_into_and_undoing_solves_it_again(
    cast: Cast, boots: Conversation
) -> None:
    solve_conversation(cast.tent, by=cast.ben.actor)
    before = rows_of(cast.tent)
    merge = merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    assert (cast.tent.state, cast.tent.waiting_since is not None) == ("open", True)
    undo_merge(merge, by=cast.ben.actor)
    assert rows_of(cast.tent) == before


def test_what_waits_wakes_the_sleeping_one_and_undoing_lets_it_sleep_on(
    cast: Cast, boots: Conversation
) -> None:
    snooze_conversation(cast.tent, until=clock.now() + timedelta(days=1), by=cast.ben.actor)
    before = rows_of(cast.tent)
    merge = merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    assert cast.tent.state == "open"
    undo_merge(merge, by=cast.ben.actor)
    assert rows_of(cast.tent) == before


def test_mail_that_came_for_a_solved_one_opens_it_when_the_merge_is_undone(
    cast: Cast, boots: Conversation
) -> None:
    solve_conversation(boots, by=cast.ben.actor)
    merge = merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    mail = arrive(cast.mail, "dora@poczta.example", text="Znowu!", thread_tokens=[boots.pk])
    home = undo_merge(merge, by=cast.ben.actor)
    assert (home.state, home.waiting_since) == ("open", mail.sent_at)


@pytest.mark.django_db(transaction=True)
def test_merging_both_ways_at_once_merges_one_way() -> None:
    cast = make_cast()
    boots = make_conversation(cast.dora, channel=cast.mail, team=cast.support)

    def merge(source: Conversation, into: Conversation) -> Merge:
        fresh = Conversation.objects.in_bulk([source.pk, into.pk])
        return merge_conversations(fresh[source.pk], into=fresh[into.pk], by=cast.ben.actor)

    ends = race(lambda: merge(boots, cast.tent), lambda: merge(cast.tent, boots))
    assert sorted(type(end).__name__ for end in ends) == ["Merge", "MergedAway"]


@pytest.mark.django_db(transaction=True)
def test_mail_for_a_conversation_that_is_being_merged_stands_where_it_goes() -> None:
    cast = make_cast()
    boots = make_conversation(cast.dora, channel=cast.mail, team=cast.support)

    def come() -> Message:
        return arrive(cast.mail, "dora@poczta.example", text="Halo?", thread_tokens=[boots.pk])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
            coming = pool.submit(on_own_line, come)
            wait_for_somebody_who_waits()
        assert coming.result(timeout=30).conversation_id == cast.tent.pk


def test_merging_and_undoing_twice_is_once(cast: Cast, boots: Conversation) -> None:
    merge = merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    assert merge_conversations(boots, into=cast.tent, by=cast.ben.actor) == merge
    assert kinds_of(boots)[-1] == "merged"
    for _click in range(2):
        undo_merge(merge, by=cast.ben.actor)
    assert kinds_of(boots)[-2:] == ["merged", "unmerged"]
    assert f"conversation:{cast.tent.pk}" in last_entry().streams.split()


def test_words_of_two_customers_come_together_only_when_it_is_meant(cast: Cast) -> None:
    tea = make_conversation(cast.eli, channel=cast.mail, text="退款一直沒有收到", team=cast.support)
    with pytest.raises(DifferentCustomers):
        merge_conversations(tea, into=cast.tent, by=cast.ben.actor)
    merge = merge_conversations(tea, into=cast.tent, by=cast.ben.actor, across_customers=True)
    assert cast.tent.participants.count() == 2
    undo_merge(merge, by=cast.ben.actor)
    assert cast.tent.participants.count() == 1


def test_what_cannot_be_merged(cast: Cast, boots: Conversation) -> None:
    with pytest.raises(NotMergeable):
        merge_conversations(boots, into=boots, by=cast.ben.actor)
    Conversation.objects.filter(pk=boots.pk).update(state="spam")
    with pytest.raises(NotMergeable):
        merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    Conversation.objects.filter(pk=boots.pk).update(state="merged", merged_into=cast.tent)
    stove = make_conversation(cast.dora, channel=cast.mail)
    with pytest.raises(MergedAway) as away:
        merge_conversations(stove, into=boots, by=cast.ben.actor)
    assert away.value.target == cast.tent


def test_cy_who_may_see_only_one_of_them_merges_nothing(cast: Cast) -> None:
    loose = make_conversation(cast.dora, channel=cast.mail)
    with pytest.raises(NotAllowed):
        merge_conversations(loose, into=cast.tent, by=cast.cy.actor)
    merge = merge_conversations(loose, into=cast.tent, by=cast.ben.actor)
    with pytest.raises(NotAllowed):
        undo_merge(merge, by=cast.cy.actor)


def test_a_proposal_is_taken_up_once_and_ends_the_one_the_other_way_round(
    cast: Cast, boots: Conversation
) -> None:
    one, other = (
        JoinProposal.objects.create(
            conversation=a, other=b, **JoinProposal.done_by(Actor.system("placing"))
        )
        for a, b in ((boots, cast.tent), (cast.tent, boots))
    )
    assert accept_join(one, by=cast.ben.actor) is not None
    assert accept_join(JoinProposal.objects.get(pk=other.pk), by=cast.ben.actor) is None
    assert set(JoinProposal.objects.values_list("outcome", flat=True)) == {"joined"}


def test_a_proposal_is_turned_down_once(cast: Cast, boots: Conversation) -> None:
    proposal = JoinProposal.objects.create(
        conversation=boots, other=cast.tent, **JoinProposal.done_by(Actor.system("placing"))
    )
    for _click in range(2):
        decline_join(proposal, by=cast.ben.actor)
    assert (proposal.outcome, proposal.ended_by_name) == ("declined", "Ben")
    assert kinds_of(boots).count("join_declined") == 1
