"""The writer of a message: a person or a machine, in the word of a colleague."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext

from rapport.conversations.judging import judge_message, take_judgement_back
from rapport.conversations.locking import Refusal
from rapport.web.inbox.acting import act, shown
from rapport.web.inbox.loading import message_for
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs


def create(request: SignedIn, number: int) -> HttpResponse:
    """Say who wrote it."""
    message = message_for(request, number)
    try:
        judge_message(message, kind=request.POST.get("kind", ""), by=request.user.actor)
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
    else:
        undo = f"/inbox/messages/{message.pk}/writer"
        flash(request, gettext("It counts as you said"), undo=undo, seconds=20)
    return shown(request, message.conversation)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """It is what it was taken for before."""
    message = message_for(request, number)
    return act(
        request,
        message.conversation,
        lambda: take_judgement_back(message, by=request.user.actor),
        said=gettext("It counts as before"),
    )


writer = verbs(post=create, delete=destroy)
