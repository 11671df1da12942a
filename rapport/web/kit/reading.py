"""Reading: a page speaks the language and the time zone of whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.functional import LazyObject

from rapport.accounts.models import Agent


class ReaderMiddleware:
    """Turns on the signed-in agent's language and zone; others keep what their browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        agent = request.user
        if not agent.is_authenticated:
            return self.get_response(request)
        request.user = _themselves(agent)
        with ExitStack() as stack:
            stack.enter_context(timezone.override(zone_of(agent.time_zone)))
            if agent.language and translation.check_for_language(agent.language):
                stack.enter_context(translation.override(agent.language))
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response


def _themselves(agent: Agent) -> Agent:
    """The colleague, without the stand-in that asks at every touch whether they were read already."""
    found: Agent = agent._wrapped if isinstance(agent, LazyObject) else agent
    return found


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
