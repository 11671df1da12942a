from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from rapport.accounts.models import Agent, Company
from rapport.accounts.setting_up import make_setup_path
from rapport.kernel import clock
from tests.cast import Cast

pytestmark = pytest.mark.django_db
FIELDS = {
    "organisation": "Maple Outdoors",
    "language": "pl",
    "time_zone": "Europe/Warsaw",
    "name": "Ada",
    "email": "Ada@Maple.example",
    "password": "tent-pegs-in-the-rain",
}


def test_the_link_makes_company_and_administrator_once(client: Client) -> None:
    path = make_setup_path()
    assert client.get(path).status_code == 200
    answer = client.post(path, FIELDS)
    assert answer.status_code == 302
    ada = Agent.objects.get()
    assert ada.is_admin
    assert ada.email == "ada@maple.example"
    assert Company.objects.get().time_zone == "Europe/Warsaw"
    assert client.session["_auth_user_id"] == str(ada.pk), "signed in"
    stranger = Client()
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, FIELDS | {"email": "eve@maple.example"}).status_code == 404
    assert stranger.get(make_setup_path()).status_code == 404
    assert Agent.objects.count() == 1


@pytest.mark.parametrize("path", ["/setup/x", "/setup/x:y:z", "/setup/ą", "/setup/" + "x" * 900])
def test_a_guessed_link_opens_nothing(client: Client, path: str) -> None:
    assert client.get(path).status_code == 410
    assert client.post(path, FIELDS).status_code == 410
    assert not Agent.objects.exists()


def test_a_link_that_is_a_week_old_is_closed(client: Client) -> None:
    path = make_setup_path()
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        page = client.get(path)
    assert page.status_code == 410
    assert b"rapport setup-link" in page.content


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organisation", "  "),
        ("email", "ada"),
        ("password", "short"),
        ("password", "password12"),
        ("password", "1234567890123"),
        ("password", "ada@maple.example"),
        ("time_zone", "Mars/Olympus"),
        ("language", "tlh"),
    ],
)
def test_bad_input_keeps_the_form_but_not_the_password(
    client: Client, field: str, value: str
) -> None:
    page = client.post(make_setup_path(), FIELDS | {field: value})
    assert page.status_code == 422
    words = page.content.decode()
    assert 'aria-invalid="true"' in words
    if field != "organisation":
        assert "Maple Outdoors" in words
    assert FIELDS["password"] not in words
    assert not Agent.objects.exists()


def test_the_link_is_dead_where_there_is_a_company(client: Client, cast: Cast) -> None:
    assert client.get(make_setup_path()).status_code == 404


def test_the_link_stays_out_of_the_log_of_a_form_that_failed(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    path = make_setup_path()
    assert client.post(path, FIELDS | {"email": "ada"}).status_code == 422
    assert "/setup/…" in caplog.text
    assert path not in caplog.text
    assert all("request" not in record.__dict__ for record in caplog.records)
