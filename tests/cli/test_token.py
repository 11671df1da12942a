"""Keys of the API from the command line."""

from __future__ import annotations

import pytest

from rapport.accounts.granting_tokens import verify_token
from rapport.accounts.models import ApiToken
from tests.makers import make_agent


@pytest.fixture
def ada(database):
    return make_agent("Ada", email="ada@maple.example", role="admin")


def test_a_key_is_shown_once_and_works(command, ada):
    told = command(
        *("token", "create", "--agent", "ADA@maple.example", "--name", "Reports"),
        *("--scope", "conversations:read", "--scope", "messages:read", "--days", "30"),
    )
    token = verify_token(told.out.strip())
    assert token is not None
    assert token.agent == ada
    assert sorted(token.scopes) == ["conversations:read", "messages:read"]
    assert token.expires_at is not None
    assert token.secret_hash not in told.out
    assert told.out.strip() not in command("token", "list").out


def test_a_scope_that_does_not_exist_is_refused_with_those_that_do(command, ada):
    told = command("token", "create", "--agent", ada.email, "--name", "x", "--scope", "all")
    assert (told.code, ApiToken.objects.count()) == (2, 0)
    assert "conversations:read" in told.err


def test_an_agent_that_does_not_exist_gets_no_key(command, database):
    told = command("token", "create", "--agent", "eve@x.example", "--name", "x", "--scope", "y")
    assert (told.code, told.err) == (1, "rapport: there is no agent eve@x.example\n")


def test_a_revoked_key_opens_nothing(command, ada):
    scope = ("--scope", "conversations:read")
    text = command("token", "create", "--agent", ada.email, "--name", "x", *scope).out.strip()
    assert command("token", "revoke", str(ApiToken.objects.get().pk)).code == 0
    assert verify_token(text) is None
    assert command("token", "list").out == ""
