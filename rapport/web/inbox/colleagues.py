"""Colleagues who can be called in a note on a conversation, as somebody types their names."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse

from rapport.conversations.mentioning import suggest_mentions
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.verbs import SignedIn, verbs

LONGEST = 60


def show(request: SignedIn, number: int) -> HttpResponse:
    """Those whose names begin with `q`: what to show, and what to write behind the @."""
    conversation = conversation_for(request, number)
    begins = request.GET.get("q", "")[:LONGEST]
    found = suggest_mentions(conversation, begins=begins, besides=request.user)
    shown = [
        {"name": each.agent.name, "form": each.form, "may_see": each.may_see} for each in found
    ]
    return JsonResponse({"colleagues": shown})


colleagues = verbs(get=show)
