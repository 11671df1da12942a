"""Verbs: a resource says which methods it answers, and lets in only those who are signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Protocol

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

from rapport.accounts.models import Agent


class SignedIn(HttpRequest):
    """A request of somebody who is signed in and has a role."""

    user: Agent


Handler = Callable[Concatenate[SignedIn, ...], HttpResponseBase]


class NoAccess(PermissionDenied):
    """Signed in, but without a role: there is nothing to see."""


class View(Protocol):
    """What Django's addresses point to."""

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def verbs(**handlers: Handler) -> View:
    """A view of one resource: `solution = verbs(post=create, delete=destroy)`.

    Strangers are sent to the sign-in, colleagues without a role get 403, other methods get 405.
    """
    allowed = sorted(name.upper() for name in handlers)

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if not request.user.may_see:
            raise NoAccess
        method = (request.method or "").lower()
        handler = handlers.get("get" if method == "head" else method)
        if handler is None:
            return HttpResponseNotAllowed(allowed)
        return handler(request, *args, **kwargs)  # type: ignore[arg-type]

    view.handlers = handlers  # type: ignore[attr-defined]
    return view


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in, the whole page even when a fragment was asked for."""
    if request.headers.get("HX-Request") == "true":
        back = request.headers.get("HX-Current-URL", "/")
        response = HttpResponse(status=401)
        response["HX-Redirect"] = redirect_to_login(_path(back), settings.LOGIN_URL).url
        return response
    return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


def _path(address: str) -> str:
    _, separator, rest = address.partition("://")
    return "/" + rest.partition("/")[2] if separator else address
