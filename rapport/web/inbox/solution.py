"""The solution of a conversation: made when the matter is done, deleted when it is not."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext

from rapport.conversations.reopening import reopen_conversation
from rapport.conversations.solving import solve_conversation
from rapport.web.inbox.acting import act
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.verbs import SignedIn, verbs


def create(request: SignedIn, number: int) -> HttpResponse:
    """Solve it."""
    conversation = conversation_for(request, number)
    return act(
        request,
        conversation,
        lambda: solve_conversation(conversation, by=request.user.actor),
        said=gettext("Solved"),
        undo="solution",
    )


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Open it again."""
    conversation = conversation_for(request, number)
    return act(
        request, conversation, lambda: reopen_conversation(conversation, by=request.user.actor)
    )


solution = verbs(post=create, delete=destroy)
