from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern

from rapport.kernel.journal.models import Entry
from tests.cast import Cast
from tests.makers import make_agent
from tests.web.settings.conftest import (
    FOR_ALL,
    OWN,
    READ_BY_ALL,
    address_of,
    own_pages,
    resources,
    signed_in,
)


@pytest.mark.parametrize(("pattern", "method"), resources())
def test_who_is_signed_out_is_sent_to_the_door(
    client: Client, cast: Cast, pattern: URLPattern, method: str
) -> None:
    answer = getattr(client, method)(address_of(pattern, cast))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("who", ["ben", "viewer", "lead", "zoe"])
@pytest.mark.parametrize(("pattern", "method"), resources())
def test_only_admins_reach_the_settings(
    cast: Cast, pattern: URLPattern, method: str, who: str
) -> None:
    agent = getattr(cast, who, None) or make_agent(who.title(), role=who)
    address = address_of(pattern, cast)
    before = Entry.objects.count()
    answer = getattr(signed_in(agent), method)(address)
    if pattern.name == "templates" and method == "post" and who == "viewer":
        assert answer.status_code == 403
    elif pattern.name in READ_BY_ALL and method == "get" and who != "zoe":
        assert answer.status_code == 200
    elif pattern.name in READ_BY_ALL and who == "lead":
        assert answer.status_code in (302, 422)
        return
    elif pattern.name in FOR_ALL and who != "zoe":
        assert answer.status_code in (200, 302, 422)
    else:
        assert answer.status_code == 403, "a token of somebody else too" if OWN else ""
    assert Entry.objects.count() == before


@pytest.mark.parametrize(("pattern", "method"), resources())
def test_every_change_needs_the_forms_token(cast: Cast, pattern: URLPattern, method: str) -> None:
    strict = signed_in(cast.ada, enforce_csrf_checks=True)
    address = address_of(pattern, cast)
    if method == "get":
        assert strict.get(address).status_code in (200, 302)
    else:
        assert getattr(strict, method)(address).status_code == 403


@pytest.mark.parametrize("pattern", own_pages(), ids=lambda pattern: str(pattern.name))
def test_pages_about_ones_sign_in_are_for_colleagues(
    client: Client, cast: Cast, pattern: URLPattern
) -> None:
    path = "/settings/profile/" + str(pattern.pattern).replace("<int:pk>", "1")
    assert client.get(path)["Location"].startswith("/sign-in/?next=")
    assert signed_in(cast.zoe).get(path).status_code == 403
    assert signed_in(cast.ben).get(path).status_code in (200, 302, 404)


def test_agents_see_only_themselves_at_the_side(ben: Client, ada: Client) -> None:
    mine = ben.get("/settings/", follow=True).content.decode()
    assert 'href="/settings/profile"' in mine
    assert 'href="/settings/people"' not in mine
    assert 'href="/settings/people"' in ada.get("/settings/", follow=True).content.decode()


def test_pages_of_the_settings_are_not_kept_by_the_browser(ada: Client) -> None:
    assert "no-store" in ada.get("/settings/people")["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["/settings/people/999999", "/settings/teams/999999", "/settings/channels/999999"],
)
def test_what_is_not_there_is_not_there(ada: Client, path: str) -> None:
    assert ada.get(path).status_code == 404
