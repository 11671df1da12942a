"""Compressing: what is text goes over the wire as gzip, to browsers that take it.

A length must not tell a secret to whoever can make a browser ask again and again (BREACH): the tokens of forms
are masked anew in each answer, tickets are made anew, the session's cookie does not travel with other sites'
requests, and up to a hundred random bytes in the archive's file name blur the length of every page.
"""

from __future__ import annotations

import gzip
import re
import secrets
from collections.abc import Callable
from io import BytesIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

#: Measured on a conversation: level 9 takes three times as long for two bytes in a hundred.
LEVEL = 4
#: An answer below this many bytes fits into one packet as it is.
SMALL = 800
BLUR = 100
TEXTS = re.compile(r"text/(?!event-stream)|application/(?:[a-z.]+\+)?json|image/svg")
REFUSES = re.compile(r"\bgzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)")


class CompressingMiddleware:
    """Packs whole answers of text; files and streams pass as they are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponse) or not is_worth_packing(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if takes_gzip(request):
            response.content = pack(response.content, blur=True)
            response["Content-Encoding"] = "gzip"
            response["Content-Length"] = str(len(response.content))
        return response


def is_worth_packing(response: HttpResponse) -> bool:
    """Whether it is text, of some length, and not packed yet."""
    kind = response.get("Content-Type", "")
    is_text = bool(TEXTS.match(kind)) and not response.has_header("Content-Encoding")
    return is_text and len(response.content) >= SMALL


def takes_gzip(request: HttpRequest) -> bool:
    """Whether the browser says that it can unpack it."""
    said = request.headers.get("Accept-Encoding", "")
    return "gzip" in said and not REFUSES.search(said)


def pack(body: bytes, *, blur: bool = False, level: int = LEVEL) -> bytes:
    """The bytes as gzip; blurred ones are up to a hundred bytes longer, by lot."""
    name = "a" * secrets.randbelow(BLUR) if blur else ""
    packed = BytesIO()
    with gzip.GzipFile(name, "wb", compresslevel=level, fileobj=packed, mtime=0) as archive:
        archive.write(body)
    return packed.getvalue()
