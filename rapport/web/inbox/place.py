"""The place of a message: another conversation, or one of its own."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext

from rapport.conversations.locking import Refusal
from rapport.conversations.moving import move_message
from rapport.web.inbox.acting import go_to, shown
from rapport.web.inbox.loading import conversation_for, message_for
from rapport.web.inbox.merge import REF
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs


def create(request: SignedIn, number: int) -> HttpResponse:
    """Put it where it belongs."""
    message = message_for(request, number)
    source = message.conversation
    found = REF.fullmatch(request.POST.get("into", ""))
    into = conversation_for(request, int(found[1])) if found else None
    try:
        target = move_message(
            message,
            by=request.user.actor,
            into=into,
            across_customers=bool(request.POST.get("across")),
        )
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
        return shown(request, source)
    said = gettext("Moved here from {source}").format(source=source.ref)
    undo = f"/inbox/messages/{message.pk}/place"
    fields = {"into": source.ref, "across": "1"}
    flash(request, said, undo=undo, method="post", fields=fields, seconds=20)
    return go_to(request, target)


place = verbs(post=create)
