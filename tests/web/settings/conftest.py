"""The settings' tests: somebody signed in, and every address of the settings with its methods."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from rapport.accounts.inviting import invite
from rapport.accounts.models import Agent
from rapport.web.settings import second_step_urls, urls
from tests.cast import Cast
from tests.web.sign_in.conftest import queued_mails, with_mail

__all__ = ["queued_mails", "with_mail"]


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    """Ada's browser."""
    return signed_in(cast.ada)


@pytest.fixture
def ben(cast: Cast) -> Client:
    """Ben's browser."""
    return signed_in(cast.ben)


def signed_in(agent: Agent, **more: Any) -> Client:
    """A browser of its own for an agent."""
    browser = Client(**more)
    browser.force_login(agent)
    return browser


#: Pages that every colleague with a role may open.
FOR_ALL = {"index", "comfort", "profile", "my_tokens"}
#: Resources of one's own: the ability says whose they are.
OWN = {"token"}


def resources() -> list[Any]:
    """Each address of the settings with each of its methods; a new page cannot be forgotten."""
    return [
        pytest.param(pattern, method, id=f"{method}-{pattern.name}")
        for pattern in urls.urlpatterns
        for method in getattr(pattern.callback, "handlers", {"get": None})
    ]


def own_pages() -> list[URLPattern]:
    """The library's pages about one's own sign-in."""
    return list(second_step_urls.urlpatterns)


def address_of(pattern: URLPattern, cast: Cast) -> str:
    """The address of a resource, about rows that are there."""
    from rapport.accounts.granting_tokens import grant_token

    about: dict[str, Any] = {}
    if "number" in pattern.pattern.converters:
        numbers = {
            "invitation": lambda: (
                invite(email="fay@maple.example", role="agent", by=cast.ada.actor)[0].pk
            ),
            "team": lambda: cast.support.pk,
            "brand": lambda: cast.brand.pk,
            "token": lambda: (
                grant_token(cast.ada, name="shop", scopes=["*"], by=cast.ada.actor)[0].pk
            ),
        }
        channels = {"channel", "pause", "hook"}
        if pattern.name == "secret":
            about["number"] = cast.hook.pk
        elif pattern.name in channels:
            about["number"] = cast.mail.pk
        else:
            about["number"] = numbers.get(pattern.name, lambda: cast.cy.pk)()
    if "name" in pattern.pattern.converters:
        about["name"] = "conversations.search"
    return reverse(f"settings:{pattern.name}", kwargs=about)
