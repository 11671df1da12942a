"""Splits: some messages get a conversation of their own, and come back when that was wrong."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from rapport.conversations.locking import Refusal
from rapport.conversations.models import Split
from rapport.conversations.splitting import split_conversation, undo_split
from rapport.kernel.mail.decoding import clean_line
from rapport.web.inbox.acting import go_to, shown
from rapport.web.inbox.composing import numbers_in
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs

MOST = 200


def show(request: SignedIn, number: int) -> HttpResponse:
    """The messages to choose from."""
    conversation = conversation_for(request, number)
    messages = conversation.messages.filter(withdrawn_at=None).order_by("-sent_at", "-pk")[:MOST]
    context = {
        "conversation": conversation,
        "messages": messages[::-1],
        "chosen": request.GET.get("message", ""),
        "query": request.GET.urlencode(),
    }
    return render(request, "inbox/split/show.html", context)


def create(request: SignedIn, number: int) -> HttpResponse:
    """Part them."""
    conversation = conversation_for(request, number)
    chosen = numbers_in(request.POST.getlist("message"))
    subject = clean_line(request.POST.get("subject", ""))
    try:
        split = split_conversation(
            conversation, messages=chosen, by=request.user.actor, subject=subject
        )
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
        return shown(request, conversation)
    said = gettext("Parted from {source}").format(source=conversation.ref)
    flash(request, said, undo=f"/inbox/splits/{split.pk}", seconds=20)
    return go_to(request, split.made)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """They were one matter after all."""
    split = get_object_or_404(Split.objects.select_related("source", "made"), pk=number)
    conversation_for(request, split.made_id)
    try:
        source = undo_split(split, by=request.user.actor)
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
        return shown(request, split.made)
    return go_to(request, source)


split = verbs(get=show, post=create)
undone = verbs(post=destroy, delete=destroy)
