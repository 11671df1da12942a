"""The delivery of a message of ours: taken back before it leaves, decided about when nobody knows."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from rapport.channels.delivering import decide_unknown, retry_delivery
from rapport.channels.models import Delivery
from rapport.conversations.locking import Refusal
from rapport.conversations.withdrawing import withdraw_message
from rapport.web.inbox.acting import act, shown
from rapport.web.inbox.composing import composer_after_undo
from rapport.web.inbox.loading import message_for
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs


def update(request: SignedIn, number: int) -> HttpResponse:
    """It arrived after all, or it is sent again."""
    message = message_for(request, number)
    only_to = request.POST.get("only_to", "").replace("\x00", "")
    delivery = get_object_or_404(Delivery, message=message, only_to=only_to)
    by, again = request.user.actor, request.POST.get("decision") != "arrived"

    def decide() -> None:
        decide_unknown(delivery, by=by, arrived=not again)
        if again:
            retry_delivery(delivery, by=by)

    return act(request, message.conversation, decide)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Take it back; its words and files stand in the composer again."""
    message = message_for(request, number)
    try:
        withdrawn = withdraw_message(message, by=request.user.actor)
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
        return shown(request, message.conversation)
    return shown(request, message.conversation, composer_after_undo(request, withdrawn))


delivery = verbs(post=update, delete=destroy)
