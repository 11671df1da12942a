"""Sides: a colleague or somebody outside is asked about a conversation, and the customer does not see it."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from rapport.channels.models import Channel
from rapport.conversations.asking_aside import ask_aside, go_on_aside
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Conversation
from rapport.kernel.mail.decoding import clean_line, clean_text
from rapport.web.inbox.acting import address_of, shown
from rapport.web.inbox.beside import sides_fragment
from rapport.web.inbox.composing import addresses_in
from rapport.web.inbox.loading import conversation_for, opened_for, side_for
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs


def ask(request: SignedIn, number: int) -> HttpResponse:
    """The page on which somebody is asked."""
    return _form(request, conversation_for(request, number))


def create(request: SignedIn, number: int) -> HttpResponse:
    """Ask; what is in the way is said, and the words stay."""
    conversation, form = conversation_for(request, number), request.POST
    try:
        message = ask_aside(
            conversation,
            by=request.user.actor,
            text=clean_text(form.get("text", "")),
            to=addresses_in(form.get("to", "")),
            subject=clean_line(form.get("subject", "")),
            channel_id=_mailbox(conversation),
            client_key=clean_line(form.get("client_key", ""))[:64],
        )
    except Refusal as refusal:
        return _form(request, conversation, error=str(refusal))
    target = f"{address_of(conversation)}#side_{message.conversation_id}"
    return HttpResponseRedirect(target)


def _form(request: SignedIn, conversation: Conversation, error: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "conversation": conversation,
        "error": error,
        "key": secrets.token_hex(16),
        "form": request.POST,
    }
    return render(request, "inbox/sides/ask.html", context, status=409 if error else 200)


def _mailbox(conversation: Conversation) -> int | None:
    """The mailbox that the conversation came by, else the first one."""
    boxes = Channel.objects.filter(kind="email").order_by("pk")
    own = boxes.filter(pk=conversation.channel_id or 0).first() or boxes.first()
    return own.pk if own else None


def show(request: SignedIn, number: int) -> HttpResponse:
    """Where the thread stands: beside its conversation."""
    side = side_for(request, number)
    return HttpResponseRedirect(f"{address_of(side.beside or side)}#side_{side.pk}")


def say(request: SignedIn, number: int) -> HttpResponse:
    """Say more to those who were asked."""
    side = side_for(request, number)
    about = conversation_for(request, side.beside_id or 0)
    words, key = clean_text(request.POST.get("text", "")), request.POST.get("client_key", "")
    try:
        go_on_aside(side, by=request.user.actor, text=words, client_key=clean_line(key)[:64])
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
    return shown(request, about, sides_fragment(request, opened_for(request, about.pk)))


sides = verbs(get=ask, post=create)
side = verbs(get=show, post=say)
