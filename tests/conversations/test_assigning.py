"""Assigning: one owner, whoever reaches for it at the same time."""

from __future__ import annotations

import pytest

from rapport.conversations import assigning
from rapport.conversations.access import NotAllowed
from rapport.conversations.assigning import AlreadyTaken, NotAssignable
from rapport.conversations.models import Assignment, Conversation
from rapport.kernel.actors import Actor
from tests.cast import Cast, make_cast
from tests.conversations.listening import kinds_of, last_entry
from tests.conversations.racing import race
from tests.makers import make_agent, make_conversation


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_once_give_one_owner() -> None:
    cast = make_cast()

    def claim(by: Actor) -> Assignment | None:
        return assigning.claim_conversation(Conversation.objects.get(pk=cast.tent.pk), by=by)

    ends = race(lambda: claim(cast.ada.actor), lambda: claim(cast.ben.actor))
    won = next(end for end in ends if isinstance(end, Assignment))
    lost = next(end for end in ends if isinstance(end, AlreadyTaken))
    assert lost.owner == won.agent
    assert str(lost) == f"{won.agent} has taken this already."
    assert Assignment.objects.standing().filter(conversation=cast.tent).count() == 1
    assert kinds_of(cast.tent) == ["assigned"]


def test_claiming_twice_is_one_assignment(cast: Cast) -> None:
    first = assigning.claim_conversation(cast.tent, by=cast.ben.actor)
    assert assigning.claim_conversation(cast.tent, by=cast.ben.actor) == first
    assert kinds_of(cast.tent) == ["assigned"]
    assert cast.tent.assignee == cast.ben


def test_both_teams_lists_and_both_agents_hear_of_a_hand_over(cast: Cast) -> None:
    assigning.claim_conversation(cast.tent, by=cast.ben.actor)
    assigning.assign_to_team(cast.tent, cast.returns, by=cast.ben.actor)
    streams = set(last_entry().streams.split())
    assert {f"inbox:{cast.support.pk}", f"inbox:{cast.returns.pk}"} <= streams
    assert f"agent:{cast.ben.pk}" in streams
    details = last_entry().details
    assert (details["before_agent"], details["before_team"]) == (cast.ben.pk, cast.support.pk)


def test_handing_it_to_another_team_takes_it_from_an_outsider_but_not_from_a_member(
    cast: Cast,
) -> None:
    assigning.assign_to_agent(cast.tent, cast.ben, by=cast.ada.actor)
    assigning.assign_to_team(cast.tent, cast.returns, by=cast.ada.actor)
    assert (cast.tent.assignee, cast.tent.team) == (None, cast.returns)
    assigning.assign_to_agent(cast.tent, cast.cy, by=cast.ada.actor)
    assigning.unassign_team(cast.tent, by=cast.ada.actor)
    assigning.assign_to_team(cast.tent, cast.returns, by=cast.ada.actor)
    assert cast.tent.assignee == cast.cy


def test_an_assignee_of_another_team_may_work_on_it(cast: Cast) -> None:
    assigning.assign_to_agent(cast.tent, cast.cy, by=cast.ada.actor)
    assigning.unassign_agent(cast.tent, by=cast.cy.actor)
    with pytest.raises(NotAllowed):
        assigning.claim_conversation(cast.tent, by=cast.cy.actor)


def test_who_cannot_work_is_given_nothing(cast: Cast) -> None:
    viewer = make_agent("Val", role="viewer")
    gone = make_agent("Gil", is_active=False)
    for agent in (cast.zoe, viewer, gone):
        with pytest.raises(NotAssignable):
            assigning.assign_to_agent(cast.tent, agent, by=cast.ada.actor)
    assert kinds_of(cast.tent) == []


def test_unassigning_ends_what_stood_and_keeps_it_as_history(cast: Cast) -> None:
    assigning.assign_to_agent(cast.tent, cast.ben, by=cast.ada.actor)
    assigning.unassign_agent(cast.tent, by=cast.ben.actor)
    assigning.unassign_agent(cast.tent, by=cast.ben.actor)
    rows = list(Assignment.objects.filter(conversation=cast.tent).order_by("pk"))
    assert [(row.agent, row.ended_by_name) for row in rows] == [(cast.ben, "Ben"), (None, "")]
    assert kinds_of(cast.tent) == ["assigned", "assigned"]


def test_a_customer_cannot_claim_what_is_theirs(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        assigning.claim_conversation(cast.tent, by=cast.dora.actor)


def test_what_belongs_to_no_team_everybody_may_claim(cast: Cast) -> None:
    loose = make_conversation(cast.eli, channel=cast.mail)
    assigning.claim_conversation(loose, by=cast.cy.actor)
    assert loose.assignee == cast.cy
