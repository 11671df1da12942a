"""Two who take the same name at the same instant: one has it, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rapport.accounts.changing_addresses import change_address
from rapport.accounts.inviting import accept_invitation, invite
from rapport.accounts.joining_teams import name_team
from rapport.accounts.models import Agent, Brand, Invitation, Team
from rapport.accounts.naming_brands import name_brand
from rapport.accounts.refusing import AlreadyHere, InvitationSpent, NameTaken
from tests.conversations.racing import race
from tests.makers import make_agent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("make", [name_team, name_brand])
def test_equal_names_at_once_are_one_and_a_sentence(make: Callable[..., Any]) -> None:
    by = make_agent("Ada", role="admin").actor
    for round_ in range(5):
        names = (f"Field {round_}", f"field {round_}") * 2
        got = race(*[lambda name=name: make(None, name=name, by=by) for name in names])
        assert [type(one) for one in got].count(NameTaken) == 3, got
    assert (Team if make is name_team else Brand).objects.count() == 5


def test_two_invitations_of_one_address_at_once_leave_one_link() -> None:
    by = make_agent("Ada", role="admin").actor
    race(*[lambda: invite(email="eve@maple.example", role="agent", by=by) for _ in range(4)])
    assert Invitation.objects.count() == 1


def test_an_invitation_accepted_while_the_address_is_given_away_is_refused_in_words() -> None:
    ada = make_agent("Ada", role="admin")
    ben = make_agent("Ben")
    for round_ in range(5):
        email = f"eve{round_}@maple.example"
        _invitation, secret = invite(email=email, role="agent", by=ada.actor)
        got = race(
            lambda s=secret: accept_invitation(s, name="Eve", password="correct horse"),
            lambda e=email: change_address(ben, email=e, by=ada.actor),
            lambda s=secret: accept_invitation(s, name="Eve", password="correct horse"),
        )
        faults = [one for one in got if isinstance(one, Exception)]
        assert all(isinstance(one, (AlreadyHere, InvitationSpent)) for one in faults), got
        assert Agent.objects.filter(email=email).count() == 1
