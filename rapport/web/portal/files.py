"""A file that was too large for a mail, for whoever has its link."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed

from rapport.conversations.lending import find_lent_file
from rapport.web.kit.downloads import download


def lent_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file as a download; 404 for a wrong, an ended and a dead link alike."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    file = find_lent_file(token)
    if file is None:
        raise Http404
    response = download(file)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
