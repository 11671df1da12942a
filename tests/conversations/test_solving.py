"""Solving and reopening: who waits, before and after."""

from __future__ import annotations

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.locking import MergedAway
from rapport.conversations.models import Conversation, Solution
from rapport.conversations.reckoning import apply_inbound, reckon
from rapport.conversations.reopening import end_solution, reopen_conversation
from rapport.conversations.solving import NotSolvable, solve_conversation
from tests.cast import Cast, make_cast
from tests.conversations.listening import kinds_of
from tests.conversations.racing import race
from tests.conversations.test_reckoning import columns_of
from tests.makers import make_inbound


@pytest.mark.django_db(transaction=True)
def test_solving_twice_at_once_is_one_solution() -> None:
    cast = make_cast()

    def solve() -> Solution:
        return solve_conversation(Conversation.objects.get(pk=cast.tent.pk), by=cast.ben.actor)

    assert len({solution.pk for solution in race(solve, solve, solve)}) == 1
    assert kinds_of(cast.tent) == ["solved"]


def test_a_mistaken_solution_taken_back_lets_the_customer_wait_as_before(cast: Cast) -> None:
    before = columns_of(cast.tent)
    solve_conversation(cast.tent, by=cast.ben.actor)
    assert cast.tent.waiting_since is None
    reopen_conversation(cast.tent, by=cast.ben.actor, reason="undo")
    assert cast.tent.state == "open"
    assert columns_of(Conversation.objects.get(pk=cast.tent.pk)) == before


def test_what_was_solved_without_an_answer_is_not_waited_for_after_the_customer_writes_again(
    cast: Cast,
) -> None:
    solve_conversation(cast.tent, by=cast.ben.actor)
    end_solution(cast.tent, by=cast.dora.actor, reason="customer")
    thanks = make_inbound(cast.tent, text="I jeszcze jedno")
    assert cast.tent.waiting_since == thanks.sent_at
    carried = columns_of(cast.tent)
    reckon(cast.tent)
    assert columns_of(cast.tent) == carried


def test_reopening_what_is_open_is_nothing(cast: Cast) -> None:
    assert reopen_conversation(cast.tent, by=cast.ben.actor) is None
    solve_conversation(cast.tent, by=cast.ben.actor)
    assert reopen_conversation(cast.tent, by=cast.ben.actor) is not None
    assert reopen_conversation(cast.tent, by=cast.ben.actor) is None
    assert kinds_of(cast.tent) == ["solved", "reopened"]


def test_solving_again_later_is_another_solution(cast: Cast) -> None:
    for _turn in range(2):
        solve_conversation(cast.tent, by=cast.ben.actor)
        reopen_conversation(cast.tent, by=cast.ada.actor)
    assert Solution.objects.filter(conversation=cast.tent).count() == 2


@pytest.mark.parametrize("state", ["spam", "merged"])
def test_spam_and_what_was_merged_is_not_solved(cast: Cast, state: str) -> None:
    Conversation.objects.filter(pk=cast.tent.pk).update(state=state)
    with pytest.raises(NotSolvable):
        solve_conversation(cast.tent, by=cast.ben.actor)


def test_what_was_merged_is_not_reopened(cast: Cast) -> None:
    Conversation.objects.filter(pk=cast.tent.pk).update(state="merged")
    with pytest.raises(MergedAway):
        reopen_conversation(cast.tent, by=cast.ben.actor)


def test_cy_of_another_team_solves_nothing(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        solve_conversation(cast.tent, by=cast.cy.actor)
    with pytest.raises(NotAllowed):
        reopen_conversation(cast.tent, by=cast.cy.actor)
    assert kinds_of(cast.tent) == []


def test_an_arrival_that_does_not_reopen_makes_nobody_wait(cast: Cast) -> None:
    solve_conversation(cast.tent, by=cast.ben.actor)
    message = make_inbound(cast.tent, text="Dziękuję!")
    apply_inbound(cast.tent, message)
    assert cast.tent.waiting_since is None
