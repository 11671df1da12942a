"""Loading: the only place where a number out of an address becomes a row, within what the reader may see."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404

from rapport.conversations.access import visible_to
from rapport.conversations.models import (
    Attachment,
    Conversation,
    Follow,
    JoinProposal,
    Message,
    Participant,
    Tagging,
)
from rapport.web.inbox.shelves import SHELVES, Shelf
from rapport.web.kit.verbs import SignedIn


def shelf_for(request: SignedIn, name: str) -> Shelf:
    """The shelf of this name, or 404."""
    shelf = SHELVES.get(name)
    if shelf is None:
        raise Http404
    return shelf


def conversation_for(request: SignedIn, number: int) -> Conversation:
    """The conversation, if this colleague may see it, or 404."""
    found = visible_to(request.user).select_related("customer", "assignee", "team", "brand")
    conversation: Conversation = get_object_or_404(found, pk=number)
    return conversation


def opened_for(request: SignedIn, number: int) -> Conversation:
    """The conversation with what its pane shows beside its columns, in one query.

    `tag_names`, `others_here` (names), `is_watched`, `has_joins`.
    """
    here = {"conversation": OuterRef("pk")}
    others = Participant.objects.filter(**here).exclude(customer=OuterRef("customer"))
    tags = Tagging.objects.filter(**here).order_by("id")
    found = visible_to(request.user).annotate(
        tag_names=ArraySubquery(tags.values("tag__name")),
        others_here=ArraySubquery(others.order_by("id").values("customer__name")),
        is_watched=Exists(Follow.objects.filter(**here, agent=request.user)),
        has_joins=Exists(JoinProposal.objects.standing().filter(**here)),
    )
    shown = ("customer__organisation", "assignee", "team", "brand")
    conversation: Conversation = get_object_or_404(found.select_related(*shown), pk=number)
    return conversation


def message_for(request: SignedIn, number: int) -> Message:
    """The message, if its conversation may be seen, or 404."""
    seen = visible_to(request.user).values("pk")
    found = Message.objects.select_related("conversation")
    message: Message = get_object_or_404(found, pk=number, conversation__in=seen)
    return message


def attachment_for(request: SignedIn, number: int) -> Attachment:
    """The kept file, if the conversation of its message may be seen, or 404."""
    seen = visible_to(request.user).values("pk")
    found = Attachment.objects.exclude(stored_name="")
    attachment: Attachment = get_object_or_404(found, pk=number, message__conversation__in=seen)
    return attachment
