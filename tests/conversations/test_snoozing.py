"""Snoozing: asleep until its time, and woken once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from procrastinate.contrib.django import app

from rapport.conversations.access import NotAllowed
from rapport.conversations.models import Conversation, Snooze
from rapport.conversations.snoozing import (
    NotInFuture,
    NotSnoozable,
    snooze_conversation,
    wake_conversation,
    wake_due,
)
from rapport.conversations.solving import solve_conversation
from rapport.kernel import clock
from tests.cast import Cast, make_cast
from tests.conversations.listening import kinds_of, last_entry
from tests.conversations.racing import race

HOUR = timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_wake_at_once_wake_it_once() -> None:
    cast = make_cast()
    snooze_conversation(cast.tent, until=clock.now() + HOUR, by=cast.ben.actor)
    with time_machine.travel(clock.now() + 2 * HOUR, tick=True):
        assert sorted(race(wake_due, wake_due, wake_due)) == [0, 0, 1]
    assert kinds_of(cast.tent) == ["snoozed", "woken"]


def test_it_sleeps_until_its_time_and_still_knows_who_waits(cast: Cast) -> None:
    waiting = cast.tent.waiting_since
    snooze_conversation(cast.tent, until=clock.now() + HOUR, by=cast.ben.actor)
    assert wake_due() == 0
    with time_machine.travel(clock.now() + HOUR):
        assert wake_due() == 1
        assert wake_due() == 0
    cast.tent.refresh_from_db()
    assert (cast.tent.state, cast.tent.waiting_since) == ("open", waiting)
    assert last_entry().details["reason"] == "time"
    assert last_entry().by_kind == "system"


def test_the_same_time_again_is_one_snooze_and_another_time_replaces_it(cast: Cast) -> None:
    until = clock.now() + HOUR
    first = snooze_conversation(cast.tent, until=until, by=cast.ben.actor)
    assert snooze_conversation(cast.tent, until=until, by=cast.ben.actor) == first
    snooze_conversation(cast.tent, until=until + HOUR, by=cast.ada.actor)
    assert kinds_of(cast.tent) == ["snoozed", "snoozed"]
    assert Snooze.objects.standing().get().until == until + HOUR
    with time_machine.travel(until + timedelta(minutes=1)):
        assert wake_due() == 0


def test_waking_twice_is_once(cast: Cast) -> None:
    snooze_conversation(cast.tent, until=clock.now() + HOUR, by=cast.ben.actor)
    assert wake_conversation(cast.tent, by=cast.ben.actor)
    assert not wake_conversation(cast.tent, by=cast.ben.actor)
    assert kinds_of(cast.tent) == ["snoozed", "woken"]


def test_the_past_is_refused(cast: Cast) -> None:
    with pytest.raises(NotInFuture):
        snooze_conversation(cast.tent, until=clock.now() - HOUR, by=cast.ben.actor)


def test_what_is_solved_does_not_sleep_and_solving_ends_the_sleep(cast: Cast) -> None:
    snooze_conversation(cast.tent, until=clock.now() + HOUR, by=cast.ben.actor)
    solve_conversation(cast.tent, by=cast.ben.actor)
    with time_machine.travel(clock.now() + 2 * HOUR):
        assert wake_due() == 0
    with pytest.raises(NotSnoozable):
        snooze_conversation(cast.tent, until=clock.now() + HOUR, by=cast.ben.actor)


def test_many_that_are_due_are_woken_in_turns(cast: Cast) -> None:
    snooze_conversation(cast.tent, until=clock.now() + HOUR, by=cast.ben.actor)
    with time_machine.travel(clock.now() + 2 * HOUR):
        assert wake_due(limit=0) == 0
        assert wake_due(limit=5) == 1
    assert Conversation.objects.get(pk=cast.tent.pk).state == "open"


def test_zoe_wakes_and_snoozes_nothing(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        snooze_conversation(cast.tent, until=clock.now() + HOUR, by=cast.zoe.actor)
    with pytest.raises(NotAllowed):
        wake_conversation(cast.tent, by=cast.zoe.actor)


def test_the_worker_is_told_to_wake_what_is_due() -> None:
    tasks = app.periodic_registry.periodic_tasks
    names = {name for name, _periodic_id in tasks}
    assert {"conversations.wake_due", "conversations.discard_old_uploads"} <= names
