"""Fragments: an answer is a list of templates, each at home in an element of its own id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rapport.web.kit.flashing import pending_flashes

EMPTY = SafeString("")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A template with its context. `into` is the DOM id it goes to, `swap` how (htmx's words).

    `drawn` is its HTML where that stands already.
    """

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    into: str = ""
    swap: str = "outerMorph"
    drawn: SafeString = EMPTY


def gone(dom_id: str) -> Fragment:
    """The element of this id has no place on the page any more."""
    return Fragment("", into=dom_id, swap="delete")


def is_partial(request: HttpRequest) -> bool:
    """True when htmx asks for a part of a page and not for a whole one (as after back and forward)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Request-Type") != "full"


def fragments(
    request: HttpRequest, main: Fragment | None, *others: Fragment, status: int = 200
) -> HttpResponse:
    """An answer for htmx: `main` goes where the asking element says, `others` to their own ids.

    Flash messages that wait come along by themselves.
    """
    parts = [render(request, main)] if main else []
    parts += [partial(request, other) for other in others]
    for flash in pending_flashes(request):
        shown = Fragment("kit/_flash.html", {"flash": flash}, into="flashes", swap="beforeend")
        parts.append(partial(request, shown))
    response = HttpResponse("".join(parts), status=status)
    response["Vary"] = "HX-Request, HX-Request-Type"
    if main is None:
        response["HX-Reswap"] = "none"
    return response


def answer(
    request: HttpRequest, *others: Fragment, otherwise: str, main: Fragment | None = None
) -> HttpResponse:
    """What a change answers: the fragments that changed, or the way back for a page without scripts."""
    if is_partial(request):
        return fragments(request, main, *others)
    return HttpResponseRedirect(otherwise)


def render(request: HttpRequest, fragment: Fragment) -> SafeString:
    """The fragment's HTML; nothing for a fragment that only takes something away."""
    if not fragment.template:
        return fragment.drawn
    return render_to_string(fragment.template, dict(fragment.context), request=request)


def partial(request: HttpRequest, fragment: Fragment) -> SafeString:
    """The fragment wrapped for the place it goes to."""
    return format_html(
        '<hx-partial hx-target="#{}" hx-swap="{}">{}</hx-partial>',
        fragment.into,
        fragment.swap,
        render(request, fragment),
    )
