"""The spam mark of a conversation."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext

from rapport.conversations.marking_spam import mark_spam, unmark_spam
from rapport.web.inbox.acting import act
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.verbs import SignedIn, verbs


def create(request: SignedIn, number: int) -> HttpResponse:
    """Put it away as spam."""
    conversation = conversation_for(request, number)
    return act(
        request,
        conversation,
        lambda: mark_spam(conversation, by=request.user.actor),
        said=gettext("Put away as spam"),
        undo="spam",
    )


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """It was no spam."""
    conversation = conversation_for(request, number)
    return act(request, conversation, lambda: unmark_spam(conversation, by=request.user.actor))


spam = verbs(post=create, delete=destroy)
