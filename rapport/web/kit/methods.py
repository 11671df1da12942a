"""Methods: a form can ask for a DELETE, although browsers without scripts know only GET and POST."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
ASKABLE = {"DELETE", "PUT", "PATCH"}


class MethodMiddleware:
    """A POST whose form says `_method=delete` becomes a DELETE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST" and request.content_type in FORMS:
            asked = str(request.POST.get("_method", "")).upper()
            if asked in ASKABLE:
                request.method = asked
        return self.get_response(request)
