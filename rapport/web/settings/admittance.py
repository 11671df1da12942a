"""Admittance: whom a page of the settings lets in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from rapport.accounts.models import Agent
from rapport.web.kit.verbs import Handler, NoAccess, View, to_sign_in, verbs


def for_admins(**handlers: Handler) -> View:
    """A view of one resource that only admins reach."""
    inner = verbs(**handlers)

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        agent = request.user
        if isinstance(agent, Agent) and agent.may_see and not agent.is_admin:
            raise PermissionDenied
        return inner(request, *args, **kwargs)

    view.handlers = handlers  # type: ignore[attr-defined]
    return never_cache(view)


def for_colleagues(page: View) -> View:
    """A page of a library, behind the same door as ours."""

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        agent = request.user
        if not isinstance(agent, Agent):
            return to_sign_in(request)
        if not agent.may_see:
            raise NoAccess
        return page(request, *args, **kwargs)

    return never_cache(view)
