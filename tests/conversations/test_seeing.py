from __future__ import annotations

import pytest
from django.db import connection

from rapport.accounts.models import Role
from rapport.conversations.access import visible_to
from rapport.conversations.assigning import assign_to_agent
from rapport.conversations.seeing import sight_of
from rapport.web.inbox.shelves import SHELVES
from tests.makers import make_agent, make_conversation


def seen_by(agent) -> set[int]:
    condition, parameters = sight_of(agent)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.id FROM conversations_conversation c WHERE {condition}", parameters
        )
        return {number for (number,) in cursor.fetchall()}


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("teams", [(), ("support",), ("support", "returns")])
def test_the_pages_see_what_the_room_lets_be_seen(cast, role: str, teams) -> None:
    agent = make_agent("Dot", role=role)
    for team in teams:
        getattr(cast, team).memberships.create(agent=agent)
    for team in (None, cast.support, cast.returns):
        for owner in (None, cast.ben, agent):
            made = make_conversation(cast.eli, team=team, text="")
            if owner and owner.may_work:
                assign_to_agent(made, owner, by=cast.ada.actor)
    assert seen_by(agent) == set(visible_to(agent).values_list("pk", flat=True))


def test_every_shelf_has_its_conversations_and_no_others(cast) -> None:
    states = {"open": "open", "snoozed": "snoozed", "solved": "solved", "spam": "spam"}
    made = {
        name: make_conversation(cast.eli, state=state, text="").pk for name, state in states.items()
    }
    mine = make_conversation(cast.eli, assignee=cast.ben, text="").pk
    on = {
        name: {row.id for row in shelf.page(cast.ada).rows} - {cast.tent.pk}
        for name, shelf in SHELVES.items()
    }
    assert on["open"] == {made["open"], mine}
    assert on["unassigned"] == {made["open"]}
    assert on["all"] == {made["open"], made["snoozed"], made["solved"], mine}
    assert [on[name] for name in ("snoozed", "solved", "spam")] == [
        {made[name]} for name in ("snoozed", "solved", "spam")
    ]
    assert {row.id for row in SHELVES["mine"].page(cast.ben).rows} == {mine}
