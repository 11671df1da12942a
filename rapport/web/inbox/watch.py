"""Watching a conversation: the reader wants to hear what happens in it."""

from __future__ import annotations

from django.http import HttpResponse

from rapport.conversations.watching import unwatch_conversation, watch_conversation
from rapport.web.inbox.acting import act
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.verbs import SignedIn, verbs


def create(request: SignedIn, number: int) -> HttpResponse:
    """Begin to watch."""
    conversation, agent = conversation_for(request, number), request.user
    return act(
        request,
        conversation,
        lambda: watch_conversation(conversation, agent=agent, by=agent.actor),
    )


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Watch no longer."""
    conversation, agent = conversation_for(request, number), request.user
    return act(
        request,
        conversation,
        lambda: unwatch_conversation(conversation, agent=agent, by=agent.actor),
    )


watch = verbs(post=create, delete=destroy)
