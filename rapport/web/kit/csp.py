"""Content security policy: a page runs our scripts and nobody else's."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

#: For documents that hold a stranger's words: they may show themselves and do nothing.
STRANGER = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups"
)
#: The same, once the reader has asked for the pictures that lie elsewhere.
STRANGER_WITH_PICTURES = STRANGER.replace("img-src 'self'", "img-src 'self' https: http:")


def policy(nonce: str) -> str:
    """The policy of our own pages."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; "
        "frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; object-src 'none'"
    )


class ContentSecurityMiddleware:
    """Gives each request its `csp_nonce`, and each answer the policy unless its view set a stricter one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy(nonce))
        return response
