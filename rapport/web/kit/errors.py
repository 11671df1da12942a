"""Errors: what happened, what was kept, what to do, and the id under which we find it. Never a traceback."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.kernel.pg.passing import is_passing
from rapport.kernel.storage import is_full
from rapport.web.kit.comforting import COOKIE
from rapport.web.kit.verbs import NoAccess

log = logging.getLogger("rapport.web")
TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A status with its heading and its advice."""

    status: int
    title: str | Promise
    advice: str | Promise


BAD_REQUEST = Trouble(
    400,
    _("This request cannot be read"),
    _("Nothing was changed. Go back, load the page again and repeat the last step."),
)
EXPIRED = Trouble(
    403,
    _("This page has been open for too long"),
    _("Nothing was changed. Go back, load the page again and send the form once more."),
)
FORBIDDEN = Trouble(
    403,
    _("You may not see or do this"),
    _("Ask an administrator if you need it; they will find the request by the id below."),
)
NOT_FOUND = Trouble(
    404,
    _("There is nothing here"),
    _(
        "It was moved or deleted, or it is not yours to see. The address may also have a slip in it."
    ),
)
NO_PAGE = Trouble(
    405,
    _("There is no page at this address"),
    _("A button leads here, and it sends a form. Nothing was changed. Go back and use the button."),
)
TOO_LARGE = Trouble(
    413,
    _("This is more than we take at once"),
    _("Nothing was stored. Send fewer or smaller files, or share them by a link."),
)
BROKEN = Trouble(
    500,
    _("Something failed on our side"),
    _(
        "What you had sent may not be stored: go back, your text is still in the form. Then try again."
    ),
)
AWAY = Trouble(
    503,
    _("The database cannot be reached just now"),
    _("Nothing was changed. It heals by itself most of the time: try again in a minute."),
)
FULL = Trouble(
    503,
    _("There is no room left for files"),
    _(
        "Nothing was stored. Ask an administrator to make room on the server's disk, then try again."
    ),
)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400; a body over the limit comes here too and becomes a 413."""
    return show_trouble(request, TOO_LARGE if isinstance(exception, TOO_BIG) else BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403; a colleague without a role is told whom to ask."""
    if isinstance(exception, NoAccess) and request.headers.get("HX-Request") != "true":
        return render(request, "sign_in/no_access.html", status=403)
    return show_trouble(request, FORBIDDEN)


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return show_trouble(request, EXPIRED)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return show_trouble(request, NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; a database that is away and a full disk become a 503."""
    error = sys.exc_info()[1]
    trouble = BROKEN
    if is_full(error):
        trouble = FULL
    elif error is not None and is_passing(error):
        trouble = AWAY
    response = show_trouble(request, trouble)
    if trouble.status == 503:
        response["Retry-After"] = "5"
    return response


def show_trouble(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """The page of a trouble, or for htmx a flash that leaves the page as it is. Asks no database."""
    partly = request.headers.get("HX-Request") == "true"
    context = {
        "trouble": trouble,
        "request_id": getattr(request, "request_id", ""),
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "comfort": request.COOKIES.get(COOKIE, ""),
    }
    template = "kit/_trouble_flash.html" if partly else "kit/trouble.html"
    response = HttpResponse(render_to_string(template, context), status=trouble.status)
    if partly:
        response["HX-Reswap"] = "none"
    return response
