"""Signing in to the API: a bearer token, its agent's sight, its scopes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from rapport.accounts.granting_tokens import verify_token
from rapport.accounts.models import Agent, ApiToken
from rapport.web.api.problems import Problem


class TokenAuth(HttpBearer):
    """`Authorization: Bearer rpt_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        granted = verify_token(token)
        if granted is None or not granted.agent.may_see:
            return None
        return granted


def caller(request: Any, scope: str) -> Agent:
    """The agent for whom the token acts, if it has the scope ("conversations:read", …).

    A scope that ends in ":write" includes the reading. Raises Problem 403.
    """
    token: ApiToken = request.auth
    if not _covers(token.scopes, scope):
        raise Problem(403, "scope_missing", f"The token lacks the scope {scope}.")
    agent: Agent = token.agent
    return agent


def _covers(scopes: list[str], scope: str) -> bool:
    room, _, verb = scope.partition(":")
    enough = {scope, "*", f"{room}:*"} | ({f"{room}:write"} if verb == "read" else set())
    return bool(enough & set(scopes))
