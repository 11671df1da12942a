"""Marking spam and watching."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.marking_spam import mark_spam, unmark_spam
from rapport.conversations.models import Conversation, SpamMark
from rapport.conversations.snoozing import snooze_conversation
from rapport.conversations.solving import solve_conversation
from rapport.conversations.watching import unwatch_conversation, watch_conversation
from rapport.kernel import clock
from tests.cast import Cast, make_cast
from tests.conversations.listening import kinds_of
from tests.conversations.racing import race
from tests.conversations.test_merging import rows_of
from tests.makers import make_agent


@pytest.mark.django_db(transaction=True)
def test_two_marks_at_once_are_one() -> None:
    cast = make_cast()

    def mark() -> SpamMark:
        return mark_spam(Conversation.objects.get(pk=cast.tent.pk), by=cast.ben.actor)

    assert len({mark.pk for mark in race(mark, mark)}) == 1
    assert kinds_of(cast.tent) == ["marked_spam"]


@pytest.mark.parametrize("before", ["open", "snoozed", "solved"])
def test_with_the_mark_off_it_is_what_it_was(cast: Cast, before: str) -> None:
    if before == "snoozed":
        snooze_conversation(cast.tent, until=clock.now() + timedelta(days=1), by=cast.ben.actor)
    if before == "solved":
        solve_conversation(cast.tent, by=cast.ben.actor)
    rows = rows_of(cast.tent)
    mark_spam(cast.tent, by=cast.ben.actor)
    assert (cast.tent.state, cast.tent.waiting_since) == ("spam", None)
    assert unmark_spam(cast.tent, by=cast.ben.actor)
    assert not unmark_spam(cast.tent, by=cast.ben.actor)
    assert rows_of(cast.tent) == rows
    assert kinds_of(cast.tent)[-2:] == ["marked_spam", "unmarked_spam"]


def test_zoe_marks_nothing(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        mark_spam(cast.tent, by=cast.zoe.actor)
    with pytest.raises(NotAllowed):
        unmark_spam(cast.tent, by=cast.zoe.actor)


def test_who_may_read_may_watch_and_whoever_may_not_may_not(cast: Cast) -> None:
    viewer = make_agent("Val", role="viewer", team=cast.support)
    watch_conversation(cast.tent, agent=viewer, by=viewer.actor)
    for agent in (cast.cy, cast.zoe):
        with pytest.raises(NotAllowed):
            watch_conversation(cast.tent, agent=agent, by=agent.actor)
        with pytest.raises(NotAllowed):
            watch_conversation(cast.tent, agent=agent, by=cast.ada.actor)
    with pytest.raises(NotAllowed):
        watch_conversation(cast.tent, agent=cast.ada, by=viewer.actor)


def test_watching_twice_is_once_and_stopping_is_once(cast: Cast) -> None:
    first = watch_conversation(cast.tent, agent=cast.ben, by=cast.ben.actor)
    assert watch_conversation(cast.tent, agent=cast.ben, by=cast.ada.actor) == first
    assert unwatch_conversation(cast.tent, agent=cast.ben, by=cast.ben.actor)
    assert not unwatch_conversation(cast.tent, agent=cast.ben, by=cast.ben.actor)
    assert kinds_of(cast.tent) == ["followed", "unfollowed"]
