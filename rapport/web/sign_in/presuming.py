"""Presuming: whose session a page brings is presumed from the last time, and both are asked in one turn.

Who it is stands in the session; so the colleague could be asked only behind it, a second turn to the server
and back at every page. The presumption decides nothing: both rows are read afresh at every page, and where the
session has another's number, or none any more, that counts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from rapport.kernel.asking import Question, asked_together
from rapport.web.sign_in.recognising import agent_question
from rapport.web.sign_in.remembering import session_question

#: So many sessions are presumed; then the one that was used longest ago goes.
MOST = 10_000


class PresumingMiddleware:
    """Django's for `request.user`, but for how the session and its colleague are asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._last: OrderedDict[str, int] = OrderedDict()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.user = SimpleLazyObject(lambda: self._who(request))  # type: ignore[assignment]
        return self.get_response(request)

    def _who(self, request: HttpRequest) -> object:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        with asked_together(self._questions(key)):
            user = get_user(request)
        if user.is_authenticated:  # a key of the server's own making: strangers fill nothing here
            self._remember(key, int(user.pk))
        return user

    def _questions(self, key: str) -> list[Question]:
        agent = self._last.get(key)
        return [] if agent is None else [session_question(key), agent_question(agent)]

    def _remember(self, key: str, agent: int) -> None:
        self._last[key] = agent
        try:
            self._last.move_to_end(key)
            while len(self._last) > MOST:
                self._last.popitem(last=False)
        except KeyError:
            pass  # another thread's turn took it
