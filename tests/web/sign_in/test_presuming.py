"""Presuming: whose session it was the last time is a guess, and never decides who somebody is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from rapport.accounts.models import Agent
from rapport.kernel import asking, clock
from rapport.web.sign_in import presuming
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def visitor(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def who_is(client: Client) -> Any:
    """Whom the program takes the visitor for; None for a stranger."""
    answer = client.get("/settings/profile")
    return None if answer.status_code == 302 else answer.wsgi_request.user


def session_of(client: Client) -> Any:
    return Session.objects.filter(session_key=client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_a_session_that_is_anothers_now_shows_the_other(cast: Cast) -> None:
    bens, cys = visitor(cast.ben), visitor(cast.cy)
    assert who_is(bens) == cast.ben
    session_of(bens).update(session_data=session_of(cys).get().session_data)
    assert (who_is(bens), who_is(bens), who_is(cys)) == (cast.cy, cast.cy, cast.cy)


def test_a_session_that_is_over_lets_nobody_in(cast: Cast) -> None:
    over, gone, blocked = visitor(cast.ben), visitor(cast.ben), visitor(cast.cy)
    assert [who_is(each) for each in (over, gone, blocked)] == [cast.ben, cast.ben, cast.cy]
    session_of(over).update(expire_date=clock.now() - timedelta(seconds=1))
    session_of(gone).delete()
    Agent.objects.filter(pk=cast.cy.pk).update(is_active=False)
    assert [who_is(each) for each in (over, gone, blocked)] == [None, None, None]


def test_a_changed_role_or_password_counts_at_the_next_page(cast: Cast) -> None:
    bens = visitor(cast.ben)
    assert who_is(bens).role != "viewer"
    Agent.objects.filter(pk=cast.ben.pk).update(role="viewer")
    assert who_is(bens).role == "viewer"
    Agent.objects.filter(pk=cast.ben.pk).update(password="another")
    assert who_is(bens) is None


def test_nothing_that_was_asked_ahead_is_left_for_another_request(cast: Cast) -> None:
    bens, cys = visitor(cast.ben), visitor(cast.cy)
    assert [who_is(each) for each in (bens, cys, bens)] == [cast.ben, cast.cy, cast.ben]
    session_of(bens).update(session_data=session_of(cys).get().session_data)
    assert who_is(bens) == cast.cy  # Ben's row was asked and not taken
    Agent.objects.filter(pk=cast.ben.pk).update(name="Benedict")
    assert who_is(visitor(cast.ben)).name == "Benedict"
    assert not asking._own.ahead


def test_a_stranger_with_keys_of_their_own_making_fills_no_memory(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presuming, "MOST", 2)
    middleware = presuming.PresumingMiddleware(lambda request: request.user)  # type: ignore[arg-type,return-value]
    for number in range(5):
        middleware._remember(f"key-{number}", number)
    assert list(middleware._last) == ["key-3", "key-4"]
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = "x" * 100_000
    assert who_is(stranger) is None
    nul = f"{settings.SESSION_COOKIE_NAME}=nul\x00"
    assert Client().get("/settings/profile", HTTP_COOKIE=nul).status_code == 302
