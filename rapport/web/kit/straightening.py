"""Straightening: an address with a slash too many or too few leads to the page that was meant.

Each page has one address. Only what is served here is led to, by its path alone, so that nobody is sent elsewhere
by an address that begins with two slashes.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve


class SlashMiddleware:
    """Redirects who asks for a page in vain to its own address, where only the end of it was wrong."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_nowhere = response.status_code == 404 and request.resolver_match is None
        if not is_nowhere or request.method not in ("GET", "HEAD"):
            return response
        meant = meant_path(request.path_info)
        if not meant:
            return response
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(
            _quoted(request, meant) + (f"?{query}" if query else "")
        )


def meant_path(path: str) -> str:
    """The path that is served here and differs only in its slashes at the end; nothing where there is none."""
    if path.startswith("//") or "\\" in path:
        return ""
    bare = path.rstrip("/")
    return next((each for each in (bare, f"{bare}/") if each != path and _is_served(each)), "")


def _quoted(request: HttpRequest, path: str) -> str:
    """As it was written, which no reading changes: only the end differs."""
    written = request.get_full_path_info().partition("?")[0].rstrip("/")
    return f"{written}/" if path.endswith("/") else written


def _is_served(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
