"""Straightening: a slash too many or too few finds the page, and leads nobody out of the house."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.test import Client

from rapport.web.kit.straightening import meant_path
from tests.cast import Cast


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/inbox/all/", "/inbox/all"),
        ("/inbox", "/inbox/"),
        ("/inbox/all//", "/inbox/all"),
        ("/sign-in", "/sign-in/"),
        ("/settings/people/?page=2&q=%2F%2Fevil", "/settings/people?page=2&q=%2F%2Fevil"),
        (
            "/settings/health/followers/a%20b%0Ac%3F%23/",
            "/settings/health/followers/a%20b%0Ac%3F%23",
        ),
    ],
)
def test_a_page_is_found_by_its_slash(client: Client, asked: str, meant: str) -> None:
    for method in (client.get, client.head):
        answer = method(asked)
        assert (answer.status_code, answer["Location"]) == (301, meant)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example/",
        "//evil.example/inbox/all/",
        "///evil.example//",
        "/\\evil.example/",
        "/%2F%2Fevil.example/inbox/",
        "//inbox/all/",
        "/inbox/no/such/page/",
        "/nothing/",
        "/https://evil.example/",
    ],
)
def test_nobody_is_led_elsewhere(client: Client, asked: str) -> None:
    answer = client.get("/", PATH_INFO=unquote(asked))  # as it is, with whatever it begins
    assert (answer.status_code, "Location" in answer) == (404, False)


@pytest.mark.django_db
def test_what_would_change_something_is_not_sent_on(cast: Cast, client: Client) -> None:
    client.force_login(cast.ben)
    address = f"/inbox/conversations/C-{cast.tent.pk}/solution/"
    assert client.post(address).status_code == 404
    assert client.get(f"/inbox/conversations/C-{10**9}").status_code == 404
    assert client.get("/api/v1/conversations/")["Content-Type"] == "application/problem+json"


def test_a_path_that_is_served_needs_nothing_else() -> None:
    assert meant_path("/inbox/") == ""
    assert meant_path("/") == ""
