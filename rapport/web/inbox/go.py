"""Go: what is found for a few words, to go there: a page, and the list of the palette that opens anywhere."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from rapport.web.inbox.offering import MOST, english_words, offers_for
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.verbs import SignedIn, verbs


def show(request: SignedIn) -> HttpResponse:
    """The groups of what is found; `recent` names the conversations that the browser was at last."""
    words = request.GET.get("q", "").strip()
    groups = offers_for(request, request.user, words, _numbers(request.GET.get("recent", "")))
    context: dict[str, Any] = {"q": words, "groups": groups}
    if is_partial(request):
        english = english_words()
        context["english"] = json.dumps(english) if english else ""
        return fragments(request, Fragment("inbox/go/_found.html", context))
    return render(request, "inbox/go/show.html", context)


def _numbers(text: str) -> list[int]:
    parts = text[:200].split(",")[:MOST]
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19]


go = verbs(get=show)
