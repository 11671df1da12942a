"""Methods: a form can ask for a DELETE, although browsers without scripts know only GET and POST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
ASKABLE = {"DELETE", "PUT", "PATCH"}


class MethodMiddleware:
    """A POST whose form says `_method=delete` becomes a DELETE for its view.

    It stands behind Django's CSRF check, which looks for a form's token in a POST only.
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
