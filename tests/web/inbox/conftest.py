"""Browsers without a browser: a client for each colleague, and htmx's headers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from rapport.accounts.models import Agent

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def sign_in() -> Callable[[Agent], Client]:
    def enter(agent: Agent) -> Client:
        client = Client()
        client.force_login(agent, backend="rapport.web.sign_in.recognising.Recogniser")
        return client

    return enter
