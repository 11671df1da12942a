from __future__ import annotations

import logging
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rapport.accounts.models import Agent, Invitation
from tests.cast import Cast
from tests.makers import make_agent

FIELDS = {"name": "Ben", "email": "ben@maple.example", "role": "lead"}


def test_an_invitation_shows_its_link_once_and_lets_fay_in(
    ada: Client, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="rapport")
    page = ada.post("/settings/people/invitations", {"email": "Fay@maple.example", "role": "agent"})
    assert page.status_code == 201
    assert b"sends no mail of its own" in page.content
    link = re.search(r"http://127\.0\.0\.1:8000(/join/[\w-]+)", page.content.decode())[1]
    assert client.get(link).status_code == 200
    later = ada.get("/settings/people").content.decode()
    assert "fay@maple.example" in later
    assert link not in later
    assert link.removeprefix("/join/") not in caplog.text


def test_an_invitation_is_mailed_where_the_deployment_sends_mail(
    ada: Client, with_mail: None, queued_mails
) -> None:
    page = ada.post("/settings/people/invitations", {"email": "fay@maple.example", "role": "agent"})
    assert b"on its way by mail" in page.content
    (mail,) = queued_mails()
    assert mail["to"] == "fay@maple.example"
    assert mail["subject"] == "Maple Outdoors: you are invited"
    assert "Ada invites you" in mail["text"]
    assert "/join/" in mail["text"]


def test_an_invitation_is_taken_back(ada: Client) -> None:
    ada.post("/settings/people/invitations", {"email": "fay@maple.example", "role": "agent"})
    path = f"/settings/people/invitations/{Invitation.objects.get().pk}"
    assert ada.post(path, {"_method": "delete"}).status_code == 302
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"email": "ben@maple.example"},
        {"email": "nonsense"},
        {"role": "none"},
        {"role": "owner"},
    ],
)
def test_bad_invitations_keep_the_form(ada: Client, bad: dict[str, str]) -> None:
    given = {"email": "fay@maple.example", "role": "agent"} | bad
    page = ada.post("/settings/people/invitations", given)
    assert page.status_code == 422
    assert b'aria-invalid="true"' in page.content
    assert not Invitation.objects.exists()


def test_ada_makes_ben_a_lead(ada: Client, cast: Cast) -> None:
    path = f"/settings/people/{cast.ben.pk}"
    assert ada.post(path, FIELDS | {"name": "Ben Nowak"})["Location"] == path
    cast.ben.refresh_from_db()
    assert (cast.ben.role, cast.ben.name) == ("lead", "Ben Nowak")


def test_a_refused_role_changes_nothing_else(ada: Client, cast: Cast) -> None:
    path = f"/settings/people/{cast.ada.pk}"
    page = ada.post(path, {"name": "Eve", "email": "eve@maple.example", "role": "agent"})
    assert page.status_code == 422
    assert b"last admin" in page.content
    cast.ada.refresh_from_db()
    assert (cast.ada.name, cast.ada.email, cast.ada.role) == ("Ada", "ada@maple.example", "admin")


def test_an_address_belongs_to_one(ada: Client, cast: Cast) -> None:
    page = ada.post(f"/settings/people/{cast.ben.pk}", FIELDS | {"email": "CY@maple.example"})
    assert page.status_code == 422
    assert b"here already" in page.content


def test_an_account_is_closed_and_opened_again_but_not_the_last_admins(
    ada: Client, cast: Cast
) -> None:
    path = f"/settings/people/{cast.ben.pk}/access"
    ada.post(path, {"_method": "delete"})
    assert not Agent.objects.get(pk=cast.ben.pk).is_active
    ada.post(path)
    assert Agent.objects.get(pk=cast.ben.pk).is_active
    refused = ada.post(f"/settings/people/{cast.ada.pk}/access", {"_method": "delete"}, follow=True)
    assert b"last admin" in refused.content
    assert Agent.objects.get(pk=cast.ada.pk).is_active


def test_a_link_from_adas_hand_opens_a_new_password_once(
    ada: Client, client: Client, cast: Cast
) -> None:
    page = ada.post(f"/settings/people/{cast.ben.pk}/password-link")
    link = re.search(r"http://127\.0\.0\.1:8000(/password/new/[\w-]+/)", page.content.decode())[1]
    form = client.get(link, follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "stove-pipes-in-snow", "password2": "stove-pipes-in-snow"})
    cast.ben.refresh_from_db()
    assert cast.ben.check_password("stove-pipes-in-snow")
    assert b"used or too old" in client.get(link, follow=True).content


def test_the_list_costs_the_same_for_three_and_for_thirty(
    ada: Client, cast: Cast, django_assert_num_queries
) -> None:
    with CaptureQueriesContext(connection) as few:
        ada.get("/settings/people")
    for number in range(27):
        make_agent(f"Colleague {number}", team=cast.support)
    with django_assert_num_queries(len(few)):
        ada.get("/settings/people")


def test_an_address_that_was_given_up_opens_nothing(
    ada: Client, cast: Cast, with_mail: None, queued_mails
) -> None:
    cast.ben.set_password("stove-pipes-in-snow")
    cast.ben.save()
    old = cast.ben.email
    Client().post("/password/forgotten/", {"email": old})  # the library notes whom it wrote to
    (sent,) = queued_mails()
    link = re.search(r"http://127\.0\.0\.1:8000(/password/new/\S+)", sent["text"])[1]
    changed = {"name": "Ben", "email": "ben@new.example", "role": "agent"}
    ada.post(f"/settings/people/{cast.ben.pk}", changed)
    assert b"used or too old" in Client().get(link, follow=True).content
    Client().post("/password/forgotten/", {"email": old})
    assert queued_mails() == [sent], "whoever has the old mailbox gets no link to the account"
    browser = Client()
    browser.post("/sign-in/", {"login": old, "password": "stove-pipes-in-snow"})
    assert "_auth_user_id" not in browser.session
    browser.post("/sign-in/", {"login": "ben@new.example", "password": "stove-pipes-in-snow"})
    assert browser.session["_auth_user_id"] == str(cast.ben.pk)
