"""Entering: somebody whom a link has let in is signed in, as if by password."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib.auth import authenticate
from django.http import HttpRequest

from rapport.accounts.models import Agent


def enter(request: HttpRequest, agent: Agent, *, password: str) -> bool:
    """Sign a new agent in with the password just chosen, under a fresh session; False when refused."""
    known = authenticate(request, email=agent.email, password=password)
    if known is None:
        return False
    get_adapter(request).login(request, known)
    return True
