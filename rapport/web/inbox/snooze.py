"""The snooze of a conversation: it sleeps until a time, or until the customer writes."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext

from rapport.conversations.snoozing import snooze_conversation, wake_conversation
from rapport.web.inbox.acting import act, shown
from rapport.web.inbox.loading import conversation_for
from rapport.web.inbox.times import moment_in
from rapport.web.kit.flashing import flash
from rapport.web.kit.moments import say_moment
from rapport.web.kit.verbs import SignedIn, verbs


def create(request: SignedIn, number: int) -> HttpResponse:
    """Let it sleep until the given time."""
    conversation = conversation_for(request, number)
    until = moment_in(request.POST.get("until") or request.POST.get("custom") or "")
    if until is None:
        flash(request, gettext("Say until when."), bad=True)
        return shown(request, conversation)
    return act(
        request,
        conversation,
        lambda: snooze_conversation(conversation, until=until, by=request.user.actor),
        said=gettext("Asleep until {when}").format(when=say_moment(until)),
        undo="snooze",
    )


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Wake it up."""
    conversation = conversation_for(request, number)
    return act(
        request, conversation, lambda: wake_conversation(conversation, by=request.user.actor)
    )


snooze = verbs(post=create, delete=destroy)
