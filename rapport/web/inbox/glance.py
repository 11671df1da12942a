"""The glance of a colleague at a conversation: made by reading it, deleted to find it unread again."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from rapport.conversations.marking_read import mark_read, mark_unread
from rapport.web.inbox.loading import conversation_for
from rapport.web.inbox.panes import row_fragments, shelf_asked
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import answer
from rapport.web.kit.verbs import SignedIn, verbs


def create(request: SignedIn, number: int) -> HttpResponse:
    """Mark it as read."""
    conversation = conversation_for(request, number)
    newest = conversation.last_message_id or 0
    mark_read(conversation, by=request.user.actor, up_to=newest)
    return _row(request, number)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Mark it as unread."""
    conversation = conversation_for(request, number)
    if mark_unread(conversation, by=request.user.actor):
        back = f"{request.path}?shelf={shelf_asked(request, conversation).name}"
        flash(request, gettext("Marked as unread"), undo=back, method="post", seconds=5)
    return _row(request, number)


def _row(request: SignedIn, number: int) -> HttpResponse:
    shelf = shelf_asked(request, conversation_for(request, number))
    rows = row_fragments(request, shelf, [number], leaving=())
    return answer(request, *rows, otherwise=reverse("inbox:list", args=[shelf.name]))


glance = verbs(post=create, delete=destroy)
