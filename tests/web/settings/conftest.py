"""The settings' tests: somebody signed in, and every address of the settings with its methods."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from rapport.accounts.inviting import invite
from rapport.accounts.models import Agent
from rapport.conversations.models import Template
from rapport.conversations.templating import save_template
from rapport.customers.defining_attributes import define_attribute
from rapport.customers.defining_cards import define_card
from rapport.customers.models import Attribute, Card
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
FOR_ALL = {"index", "comfort", "profile", "my_tokens", "notifications", "templates", "new_template"}
#: What leads have written for all, everybody may read.
READ_BY_ALL = {"template"}
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


def a_fact(cast: Cast) -> Attribute:
    """Something that the company keeps of its customers."""
    return define_attribute(None, key="plan", label="Plan", by=cast.ada.actor)


def a_card(cast: Cast) -> Card:
    """Another system's view of a customer."""
    address = "https://shop.example/cards/{id}"
    return define_card(None, title="Shop", kind="json", url=address, by=cast.ada.actor)[0]


def a_template(cast: Cast) -> Template:
    """An answer that Ada wrote for all."""
    return save_template(None, title="Thanks", texts={"en": "Thank you."}, by=cast.ada.actor)


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
            "attribute": lambda: a_fact(cast).pk,
            "card": lambda: a_card(cast).pk,
            "card_secret": lambda: a_card(cast).pk,
            "template": lambda: a_template(cast).pk,
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
