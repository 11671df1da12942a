"""Methods: a form can ask for a DELETE, and who comes by the wrong method is told what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from rapport.web.kit.errors import NO_PAGE, show_trouble

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
ASKABLE = {"DELETE", "PUT", "PATCH"}


class MethodMiddleware:
    """A POST whose form says `_method=delete` becomes a DELETE for its view.

    Browsers without scripts know only GET and POST. It stands behind Django's CSRF check, which
    looks for a form's token in a POST only.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any = None, *_arguments: Any) -> None:
        if getattr(view, "csrf_exempt", False):
            return  # it has no form; and a body that was read as one cannot be read as JSON any more
        if request.method == "POST" and request.content_type in FORMS:
            asked = str(request.POST.get("_method", "")).upper()
            if asked in ASKABLE:
                request.method = asked


class NoPageMiddleware:
    """Gives a person a page where a 405 would be a blank one; programs keep the bare answer.

    It stands behind the reader's language. Who loads the address of a button again comes here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_bare = response.status_code == 405 and not getattr(response, "content", b"")
        if not is_bare or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = show_trouble(request, NO_PAGE)
        page["Allow"] = response.headers.get("Allow", "")
        return page
