"""Who is let in, as what, with which keys; and who may not change it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from rapport.accounts.access import AdminsOnly
from rapport.accounts.changing_roles import change_role, deactivate_agent
from rapport.accounts.granting_tokens import grant_token, revoke_token, verify_token
from rapport.accounts.inviting import accept_invitation, invite, revoke_invitation
from rapport.accounts.joining_teams import join_team, leave_team, name_team
from rapport.accounts.models import Agent, ApiToken, Brand, Company, Invitation
from rapport.accounts.naming_brands import name_brand
from rapport.accounts.refusing import (
    AlreadyHere,
    AlreadySetUp,
    InvitationSpent,
    LastAdmin,
    NameTaken,
    UnknownScope,
)
from rapport.accounts.setting_up import (
    is_set_up,
    is_setup_secret,
    make_setup_path,
    set_up_company,
)
from rapport.kernel import clock
from rapport.kernel.journal.models import Entry
from tests.cast import Cast, make_cast
from tests.conversations.racing import race
from tests.makers import make_agent

pytestmark = pytest.mark.django_db
SECRET = "a-long-enough-password"


def test_ada_invites_and_the_link_works_once(cast: Cast) -> None:
    _invitation, secret = invite(email=" Finn@Maple.example", role="agent", by=cast.ada.actor)
    finn = accept_invitation(secret, name="Finn", password=SECRET)
    assert (finn.email, finn.role) == ("finn@maple.example", "agent")
    assert finn.check_password(SECRET)
    with pytest.raises(InvitationSpent):
        accept_invitation(secret, name="Finn again", password=SECRET)
    assert Entry.objects.filter(kind="accounts.agent_joined").count() == 1


def test_an_invitation_taken_back_or_too_old_lets_nobody_in(cast: Cast) -> None:
    invitation, secret = invite(email="finn@maple.example", role="agent", by=cast.ada.actor)
    revoke_invitation(invitation, by=cast.ada.actor)
    with pytest.raises(InvitationSpent):
        accept_invitation(secret, name="Finn", password=SECRET)
    _second, secret = invite(email="finn@maple.example", role="agent", by=cast.ada.actor)
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(InvitationSpent):
        accept_invitation(secret, name="Finn", password=SECRET)


def test_the_link_itself_is_not_kept(cast: Cast) -> None:
    invitation, secret = invite(email="finn@maple.example", role="agent", by=cast.ada.actor)
    assert secret not in str(Invitation.objects.filter(pk=invitation.pk).values())


def test_who_is_here_already_is_not_invited(cast: Cast) -> None:
    with pytest.raises(AlreadyHere):
        invite(email=cast.ben.email.upper(), role="agent", by=cast.ada.actor)


@pytest.mark.parametrize("name", ["ben", "cy", "zoe"])
def test_only_admins_change_the_set_up(cast: Cast, name: str) -> None:
    by = getattr(cast, name).actor
    attempts = (
        lambda: invite(email="x@y.example", role="admin", by=by),
        lambda: change_role(getattr(cast, name), role="admin", by=by),
        lambda: name_team(None, name="Mine", by=by),
        lambda: join_team(cast.cy, cast.support, by=by),
        lambda: name_brand(None, name="Mine", by=by),
        lambda: grant_token(cast.ada, name="x", scopes=["*"], by=by),
    )
    for attempt in attempts:
        with pytest.raises(AdminsOnly):
            attempt()


def test_the_last_admin_stays_one(cast: Cast) -> None:
    with pytest.raises(LastAdmin):
        change_role(cast.ada, role="agent", by=cast.ada.actor)
    with pytest.raises(LastAdmin):
        deactivate_agent(cast.ada, by=cast.ada.actor)
    change_role(cast.ben, role="admin", by=cast.ada.actor)
    change_role(cast.ada, role="agent", by=cast.ben.actor)
    assert cast.ada.role == "agent"


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_at_once_leave_one() -> None:
    ada, ben = make_agent("Ada", role="admin"), make_agent("Ben", role="admin")
    gate = threading.Barrier(2)

    def demote(whom: Agent, by: Agent) -> None:
        gate.wait()
        try:
            change_role(whom, role="agent", by=by.actor)
        except (LastAdmin, AdminsOnly):
            pass
        connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((ada, ben), (ben, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Agent.objects.filter(role="admin", is_active=True).count() == 1


def test_a_token_is_shown_once_and_known_by_its_hash(cast: Cast) -> None:
    token, text = grant_token(cast.ben, name="shop", scopes=["messages:read"], by=cast.ben.actor)
    assert text.startswith(f"rpt_{token.pk}_")
    assert text.split("_", 2)[2] not in str(ApiToken.objects.filter(pk=token.pk).values())
    found = verify_token(text)
    assert found is not None
    assert found.agent == cast.ben


def test_wrong_ended_and_old_tokens_open_nothing(cast: Cast) -> None:
    token, text = grant_token(cast.ben, name="shop", scopes=["*"], by=cast.ben.actor)
    for wrong in ("", "rpt_", text[:-1], text + "x", text.replace(str(token.pk), "999999", 1)):
        assert verify_token(wrong) is None
    ApiToken.objects.update(expires_at=clock.now())
    assert verify_token(text) is None
    ApiToken.objects.update(expires_at=None)
    assert verify_token(text)
    revoke_token(token, by=cast.ben.actor)
    revoke_token(token, by=cast.ben.actor)
    assert verify_token(text) is None
    assert Entry.objects.filter(kind="accounts.token_revoked").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_link_followed_twice_at_once_makes_one_colleague() -> None:
    cast = make_cast()
    _invitation, secret = invite(email="finn@maple.example", role="agent", by=cast.ada.actor)

    def accept() -> Agent:
        return accept_invitation(secret, name="Finn", password=SECRET)

    ends = race(accept, accept)
    assert sorted(type(end).__name__ for end in ends) == ["Agent", "InvitationSpent"]
    assert Entry.objects.filter(kind="accounts.agent_joined").count() == 1


def test_the_token_of_somebody_who_may_see_nothing_any_more_opens_nothing(cast: Cast) -> None:
    _token, text = grant_token(cast.ben, name="shop", scopes=["*"], by=cast.ben.actor)
    change_role(cast.ben, role="none", by=cast.ada.actor)
    assert verify_token(text) is None


def test_a_set_up_link_is_not_guessed() -> None:
    made = make_setup_path().removeprefix("/setup/")
    assert is_setup_secret(made)
    for guess in ("", ":", made[:-1], made.upper(), made.rpartition(":")[0], "ą" * 30):
        assert not is_setup_secret(guess)


def test_the_token_of_somebody_who_left_opens_nothing(cast: Cast) -> None:
    _token, text = grant_token(cast.ben, name="shop", scopes=["*"], by=cast.ben.actor)
    deactivate_agent(cast.ben, by=cast.ada.actor)
    assert verify_token(text) is None


def test_a_scope_that_does_not_exist_is_refused(cast: Cast) -> None:
    for scopes in ([], ["messages:read", "root"]):
        with pytest.raises(UnknownScope):
            grant_token(cast.ben, name="shop", scopes=scopes, by=cast.ben.actor)


def test_teams_are_joined_once_and_left(cast: Cast) -> None:
    join_team(cast.cy, cast.support, by=cast.ada.actor)
    join_team(cast.cy, cast.support, by=cast.ada.actor)
    assert cast.support.agents.filter(pk=cast.cy.pk).exists()
    leave_team(cast.cy, cast.support, by=cast.ada.actor)
    assert not cast.support.agents.filter(pk=cast.cy.pk).exists()
    kinds = Entry.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["accounts.team_joined", "accounts.team_left"]


def test_names_of_teams_and_brands_are_their_own(cast: Cast) -> None:
    with pytest.raises(NameTaken):
        name_team(None, name="  support ", by=cast.ada.actor)
    with pytest.raises(NameTaken):
        name_brand(None, name="maple OUTDOORS", by=cast.ada.actor)
    assert name_brand(cast.brand, name="Maple", by=cast.ada.actor, hue=400).hue == 40


def test_the_first_visit_sets_the_company_up_once() -> None:
    assert not is_set_up()
    secret = make_setup_path().removeprefix("/setup/")
    assert is_setup_secret(secret)
    assert not is_setup_secret("ą" * 30)
    fields = {
        "name": "Maple Outdoors",
        "language": "pl",
        "time_zone": "Europe/Warsaw",
        "admin_name": "Ada",
        "email": "ada@maple.example",
        "password": SECRET,
    }
    ada = set_up_company(**fields)
    assert ada.is_admin
    assert is_set_up()
    assert Company.objects.get().language == "pl"
    assert Brand.objects.get().name == "Maple Outdoors"
    assert not is_setup_secret(secret), "the link is spent"
    with pytest.raises(AlreadySetUp):
        set_up_company(**{**fields, "email": "eve@maple.example"})
