from __future__ import annotations

import pytest
from django.test import Client

from rapport.accounts.inviting import invite, revoke_invitation
from rapport.accounts.models import Agent
from tests.cast import Cast

FIELDS = {"name": "Fay Wong", "password": "tent-pegs-in-the-rain"}


@pytest.fixture
def path(cast: Cast) -> str:
    _invitation, secret = invite(email="fay@maple.example", role="lead", by=cast.ada.actor)
    return f"/join/{secret}"


def test_fay_joins_once_and_is_signed_in(client: Client, path: str) -> None:
    page = client.get(path)
    assert b"fay@maple.example" in page.content
    answer = client.post(path, FIELDS, follow=True)
    assert answer.status_code == 200
    fay = Agent.objects.get(email="fay@maple.example")
    assert (fay.name, fay.role) == ("Fay Wong", "lead")
    assert fay.time_zone == "Europe/Warsaw", "the company's, until she says otherwise"
    assert client.session["_auth_user_id"] == str(fay.pk)
    assert Client().get(path).status_code == 410
    assert Client().post(path, FIELDS | {"name": "Eve"}).status_code == 410


def test_a_revoked_or_replaced_or_guessed_link_says_so(
    client: Client, path: str, cast: Cast
) -> None:
    later, secret = invite(email="fay@maple.example", role="agent", by=cast.ada.actor)
    assert client.get(path).status_code == 410
    revoke_invitation(later, by=cast.ada.actor)
    assert client.post(f"/join/{secret}", FIELDS).status_code == 410
    assert client.get("/join/guessed").status_code == 410
    assert not Agent.objects.filter(email="fay@maple.example").exists()


@pytest.mark.parametrize(
    "bad", [{"name": ""}, {"password": "short"}, {"password": "fay@maple.example"}]
)
def test_bad_input_keeps_the_form_and_the_link(client: Client, path: str, bad: dict) -> None:
    page = client.post(path, FIELDS | bad)
    assert page.status_code == 422
    assert FIELDS["password"] not in page.content.decode()
    assert client.get(path).status_code == 200


def test_joining_while_signed_in_as_somebody_else_signs_in_the_new_one(
    client: Client, path: str, cast: Cast
) -> None:
    client.force_login(cast.ben)
    client.post(path, FIELDS)
    fay = Agent.objects.get(email="fay@maple.example")
    assert client.session["_auth_user_id"] == str(fay.pk)
