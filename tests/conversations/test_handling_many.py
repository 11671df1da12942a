"""Handling many: by the abilities that there are, and undone wherever nobody has changed since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.assigning import assign_to_agent
from rapport.conversations.handling_many import (
    AT_ONCE,
    BulkTaken,
    NotDoable,
    NothingChosen,
    begin_bulk,
    carry_on,
)
from rapport.conversations.marking_read import is_unread
from rapport.conversations.models import Bulk, Conversation, State
from rapport.conversations.reopening import reopen_conversation
from rapport.conversations.snoozing import NotInFuture, snooze_conversation
from rapport.conversations.solving import solve_conversation
from rapport.conversations.tagging import BadTag, tag_conversation, untag_conversation
from rapport.conversations.undoing_many import finish_bulk, undo_bulk
from rapport.kernel import clock
from tests.cast import Cast, make_cast
from tests.conversations.listening import kinds_of
from tests.conversations.racing import race
from tests.makers import make_conversation, make_inbound


def three(cast: Cast) -> list[Conversation]:
    made = [cast.tent]
    for name in ("Boots", "Stove"):
        made.append(make_conversation(cast.eli, subject=name, team=cast.support))
        make_inbound(made[-1], text=name)
    return made


def handle(cast: Cast, found: list[Conversation], deed: str, value: str = "", **more) -> Bulk:
    numbers = [conversation.pk for conversation in found]
    more = {"by": cast.ben.actor, "client_key": "k", **more}
    bulk = begin_bulk(numbers, deed=deed, value=value, **more)
    assert not carry_on(bulk)
    for conversation in found:
        conversation.refresh_from_db()
    return bulk


def steps(bulk: Bulk) -> list[str]:
    return list(bulk.steps.order_by("pk").values_list("state", flat=True))


def undo(cast: Cast, bulk: Bulk, found: list[Conversation]) -> None:
    assert undo_bulk(bulk, by=cast.ben.actor)
    assert not undo_bulk(bulk, by=cast.ben.actor)
    for conversation in found:
        conversation.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_instant_is_one_bulk_and_each_step_is_taken_once() -> None:
    cast = make_cast()
    found = three(cast)
    numbers = [conversation.pk for conversation in found]

    def begin() -> Bulk:
        bulk = begin_bulk(numbers, by=cast.ben.actor, deed="solve", client_key="twin")
        carry_on(bulk)
        return bulk

    one, other = race(begin, begin)
    assert one.pk == other.pk
    carry_on(one)
    assert [kinds_of(each).count("solved") for each in found] == [1, 1, 1]


def test_one_undo_takes_back_what_it_changed_and_nothing_else(cast: Cast) -> None:
    found = three(cast)
    solve_conversation(found[1], by=cast.ada.actor)
    bulk = handle(cast, found, "solve")
    assert steps(bulk) == ["done", "same", "done"]
    reopen_conversation(found[2], by=cast.ada.actor)
    solve_conversation(found[2], by=cast.ada.actor)
    undo(cast, bulk, found)
    assert [each.state for each in found] == [State.OPEN, State.SOLVED, State.SOLVED]
    assert steps(bulk) == ["undone", "same", "kept"]
    assert bulk.steps.get(state="kept").why == "Somebody has changed it since."
    assert found[0].waiting_since is not None


def test_what_slept_sleeps_again_until_its_time(cast: Cast) -> None:
    until = clock.now() + timedelta(days=2)
    found = three(cast)
    snooze_conversation(found[0], until=until, by=cast.ada.actor)
    bulk = handle(cast, found, "solve")
    undo(cast, bulk, found)
    assert [each.state for each in found] == [State.SNOOZED, State.OPEN, State.OPEN]
    assert found[0].snoozes.standing().get().until == until


def test_a_snooze_of_many_is_undone_to_what_was_before(cast: Cast) -> None:
    until, later = clock.now() + timedelta(days=1), clock.now() + timedelta(days=3)
    found = three(cast)
    snooze_conversation(found[0], until=later, by=cast.ada.actor)
    bulk = handle(cast, found, "snooze", until.isoformat())
    assert found[0].snoozes.standing().get().until == until
    undo(cast, bulk, found)
    assert [each.state for each in found] == [State.SNOOZED, State.OPEN, State.OPEN]
    assert found[0].snoozes.standing().get().until == later


def test_a_tag_that_was_there_before_stays_and_one_put_on_again_does_too(cast: Cast) -> None:
    found = three(cast)
    tag_conversation(found[0], tag="Refund", by=cast.ada.actor)
    bulk = handle(cast, found, "tag", "refund")
    untag_conversation(found[1], tag="refund", by=cast.ada.actor)
    tag_conversation(found[1], tag="refund", by=cast.ada.actor)
    undo(cast, bulk, found)
    assert [each.taggings.count() for each in found] == [1, 1, 0]


def test_taken_off_and_undone_the_tag_is_on_again(cast: Cast) -> None:
    found = three(cast)
    tag_conversation(found[0], tag="Refund", by=cast.ada.actor)
    bulk = handle(cast, found, "untag", "#REFUND")
    assert found[0].taggings.count() == 0
    undo(cast, bulk, found)
    assert [each.taggings.count() for each in found] == [1, 0, 0]


def test_given_to_ben_and_undone_each_has_its_own_owner_again(cast: Cast) -> None:
    found = three(cast)
    assign_to_agent(found[0], cast.ada, by=cast.ada.actor)
    bulk = handle(cast, found, "agent", str(cast.ben.pk))
    assert {each.assignee_id for each in found} == {cast.ben.pk}
    undo(cast, bulk, found)
    assert [each.assignee_id for each in found] == [cast.ada.pk, None, None]


def test_priority_spam_and_reading_come_back_too(cast: Cast) -> None:
    found = three(cast)
    for deed, value in (("priority", "4"), ("spam", ""), ("read", ""), ("unread", "")):
        before = [(c.priority, c.state, is_unread(c, by=cast.ben.actor)) for c in found]
        bulk = handle(cast, found, deed, value, client_key=deed)
        undo(cast, bulk, found)
        after = [(c.priority, c.state, is_unread(c, by=cast.ben.actor)) for c in found]
        assert after == before, deed


def test_one_that_cannot_be_fails_alone_and_says_why(cast: Cast) -> None:
    found = three(cast)
    solve_conversation(found[1], by=cast.ada.actor)
    until = (clock.now() + timedelta(days=1)).isoformat()
    bulk = handle(cast, found, "snooze", until)
    assert steps(bulk) == ["done", "refused", "done"]
    assert "open conversation" in bulk.steps.get(state="refused").why


def test_of_what_ben_may_not_see_nothing_is_touched(cast: Cast) -> None:
    theirs = make_conversation(cast.dora, subject="Return", team=cast.returns)
    bulk = handle(cast, [cast.tent, theirs], "solve")
    assert bulk.steps.count() == 1
    assert theirs.state == State.OPEN
    with pytest.raises(NothingChosen):
        begin_bulk([theirs.pk], by=cast.ben.actor, deed="solve", client_key="x")
    assert Bulk.objects.count() == 1
    with pytest.raises(NotAllowed):
        begin_bulk([cast.tent.pk], by=cast.zoe.actor, deed="solve", client_key="x")


def test_what_goes_out_of_sight_before_its_turn_is_left_alone(cast: Cast) -> None:
    found = three(cast)
    numbers = [each.pk for each in found]
    bulk = begin_bulk(numbers, by=cast.ben.actor, deed="solve", client_key="k")
    Conversation.objects.filter(pk=found[0].pk).update(team=cast.returns)
    carry_on(bulk)
    assert steps(bulk) == ["refused", "done", "done"]


def test_nobody_undoes_what_another_did(cast: Cast) -> None:
    bulk = handle(cast, three(cast), "solve")
    for agent in (cast.ada, cast.zoe):
        with pytest.raises(NotAllowed):
            undo_bulk(bulk, by=agent.actor)


def test_a_large_one_is_finished_by_a_worker_and_so_is_its_undo(cast: Cast) -> None:
    found = [make_conversation(cast.eli, team=cast.support) for _ in range(AT_ONCE + 3)]
    numbers = [each.pk for each in found]
    bulk = begin_bulk(numbers, by=cast.ben.actor, deed="priority", value="3", client_key="k")
    assert carry_on(bulk)
    finish_bulk(bulk.pk)
    assert set(steps(bulk)) == {"done"}
    undo_bulk(bulk, by=cast.ben.actor)
    finish_bulk(bulk.pk)
    assert set(steps(bulk)) == {"undone"}
    assert not Conversation.objects.filter(pk__in=numbers, priority=3).exists()


def test_undone_while_it_runs_it_goes_no_further(cast: Cast) -> None:
    found = three(cast)
    numbers = [each.pk for each in found]
    bulk = begin_bulk(numbers, by=cast.ben.actor, deed="solve", client_key="k")
    carry_on(bulk, most=1)
    undo_bulk(bulk, by=cast.ben.actor)
    finish_bulk(bulk.pk)
    assert not Conversation.objects.filter(pk__in=numbers, state=State.SOLVED).exists()


def test_what_cannot_be_meant_is_refused_before_anything_is_done(cast: Cast) -> None:
    wrong = [("dance", "", NotDoable), ("agent", "0", NotDoable), ("team", "x", NotDoable)]
    wrong += [("priority", "9", NotDoable), ("tag", "", BadTag), ("snooze", "soon", NotDoable)]
    wrong += [("snooze", "2001-01-01T00:00:00Z", NotInFuture)]
    for deed, value, refusal in wrong:
        with pytest.raises(refusal):
            handle(cast, [cast.tent], deed, value)
    handle(cast, [cast.tent], "solve")
    with pytest.raises(BulkTaken):
        handle(cast, [cast.tent], "spam")
    assert Bulk.objects.count() == 1
