"""The priority of a conversation."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBadRequest

from rapport.conversations.models import Priority
from rapport.conversations.prioritising import prioritise_conversation
from rapport.web.inbox.acting import act
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.verbs import SignedIn, verbs


def update(request: SignedIn, number: int) -> HttpResponse:
    """Set it."""
    conversation = conversation_for(request, number)
    given = request.POST.get("priority", "")
    if given not in {str(value) for value in Priority.values}:
        return HttpResponseBadRequest()
    return act(
        request,
        conversation,
        lambda: prioritise_conversation(conversation, priority=int(given), by=request.user.actor),
    )


priority = verbs(post=update, put=update)
