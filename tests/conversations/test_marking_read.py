"""Marking read: unread by me is what others said after my mark."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.assigning import assign_to_agent
from rapport.conversations.marking_read import is_unread, mark_read, mark_unread
from rapport.conversations.models import Conversation, ReadMark
from rapport.conversations.noting import write_note
from rapport.conversations.solving import solve_conversation
from rapport.kernel.journal.models import Entry
from tests.cast import Cast, make_cast
from tests.conversations.listening import kinds_of, last_entry
from tests.conversations.racing import race
from tests.makers import make_conversation, make_inbound


def read_all(conversation: Conversation, agent) -> bool:
    conversation.refresh_from_db()
    return mark_read(conversation, by=agent.actor, up_to=conversation.last_message_id or 0)


@pytest.mark.django_db(transaction=True)
def test_two_pages_that_read_at_once_make_one_mark_at_the_farther_place() -> None:
    cast = make_cast()
    first, newest = cast.tent.messages.order_by("pk")[0].pk, cast.tent.last_message_id or 0

    def read(up_to: int) -> bool:
        return mark_read(cast.tent, by=cast.ben.actor, up_to=up_to)

    race(lambda: read(first), lambda: read(newest))
    assert [mark.message_id for mark in ReadMark.objects.filter(agent=cast.ben)] == [newest]


def test_a_page_that_is_behind_takes_nothing_back(cast: Cast) -> None:
    assert read_all(cast.tent, cast.ada)
    entries = Entry.objects.count()
    assert not mark_read(cast.tent, by=cast.ada.actor, up_to=1)
    assert not read_all(cast.tent, cast.ada)
    assert Entry.objects.count() == entries


def test_nobody_reads_beyond_what_there_is(cast: Cast) -> None:
    mark_read(cast.tent, by=cast.ada.actor, up_to=2**62)
    make_inbound(cast.tent, text="And another thing")
    cast.tent.refresh_from_db()
    assert is_unread(cast.tent, by=cast.ada.actor)


def test_what_ada_has_read_is_news_to_ben(cast: Cast) -> None:
    read_all(cast.tent, cast.ada)
    assert not is_unread(cast.tent, by=cast.ada.actor)
    assert is_unread(cast.tent, by=cast.cy.actor)


def test_whoever_writes_has_read_and_a_colleague_has_not(cast: Cast) -> None:
    read_all(cast.tent, cast.ada)
    write_note(cast.tent, by=cast.ben.actor, text="Look at this")
    cast.tent.refresh_from_db()
    assert not is_unread(cast.tent, by=cast.ben.actor)
    assert is_unread(cast.tent, by=cast.ada.actor)


def test_what_rests_and_was_never_opened_is_not_unread(cast: Cast) -> None:
    boots = make_conversation(cast.eli, subject="Boots", team=cast.support)
    make_inbound(boots, text="Too small")
    boots.refresh_from_db()
    assert is_unread(boots, by=cast.ada.actor)
    solve_conversation(boots, by=cast.ben.actor)
    assert not is_unread(boots, by=cast.ada.actor)


def test_marked_as_unread_it_is_unread_from_the_customers_words_on(cast: Cast) -> None:
    read_all(cast.tent, cast.ben)
    assert mark_unread(cast.tent, by=cast.ben.actor)
    assert not mark_unread(cast.tent, by=cast.ben.actor)
    heard = cast.tent.messages.filter(direction="in").order_by("pk").last()
    assert ReadMark.objects.get(agent=cast.ben).message_id == heard.pk - 1
    assert is_unread(cast.tent, by=cast.ben.actor)
    assert read_all(cast.tent, cast.ben)


def test_where_nobody_else_has_written_nothing_is_unread(cast: Cast) -> None:
    empty = make_conversation(cast.eli, text="", subject="Boots", team=cast.support)
    write_note(empty, by=cast.ben.actor, text="Only me")
    empty.refresh_from_db()
    assert not mark_unread(empty, by=cast.ben.actor)


def test_only_the_readers_own_pages_hear_of_it_and_no_timeline_tells_it(cast: Cast) -> None:
    before = kinds_of(cast.tent)
    read_all(cast.tent, cast.ada)
    entry = last_entry()
    assert (entry.kind, entry.streams) == ("conversations.read", f"agent:{cast.ada.pk}")
    mark_unread(cast.tent, by=cast.ada.actor)
    assert last_entry().kind == "conversations.marked_unread"
    assert kinds_of(cast.tent) == before


def test_who_may_not_see_it_has_no_mark_in_it(cast: Cast) -> None:
    for agent in (cast.cy, cast.zoe):
        with pytest.raises(NotAllowed):
            read_all(cast.tent, agent)
        with pytest.raises(NotAllowed):
            mark_unread(cast.tent, by=agent.actor)
    with pytest.raises(NotAllowed):
        mark_read(cast.tent, by=cast.dora.actor, up_to=1)
    assign_to_agent(cast.tent, cast.cy, by=cast.ada.actor)
    assert read_all(cast.tent, cast.cy)


def test_marks_last_no_longer_than_news_of_them() -> None:
    from rapport.conversations.events import ConversationRead

    assert timedelta(days=ConversationRead.keep_days or 0) <= timedelta(days=7)
