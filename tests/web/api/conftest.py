"""A program that speaks to the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from rapport.accounts.granting_tokens import grant_token
from rapport.accounts.models import Agent


@pytest.fixture
def program() -> Callable[..., Client]:
    """A client with a token of this agent: `program(ben, "messages:read")`."""

    def build(agent: Agent, *scopes: str) -> Client:
        _token, text = grant_token(agent, name="shop", scopes=scopes or ["*"], by=agent.actor)
        return Client(headers={"Authorization": f"Bearer {text}"})

    return build
