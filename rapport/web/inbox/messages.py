"""Messages of ours: an answer, an answer to all, a forward or a note, as the composer sends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext, ngettext

from rapport.conversations.drafting import DraftMoved, check_newest
from rapport.conversations.filling import unfilled_in
from rapport.conversations.forwarding import forward_message
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Conversation, Message
from rapport.conversations.noting import write_note
from rapport.conversations.repeating import KeyTaken
from rapport.conversations.replying import ThreadMoved, reply
from rapport.conversations.solving import solve_conversation
from rapport.kernel.config import config
from rapport.web.inbox.acting import go_to, shown
from rapport.web.inbox.calling import unreached
from rapport.web.inbox.composing import (
    Draft,
    addresses_in,
    composer,
    composer_context,
    draft_in,
    fresh_draft,
    quarrel_of,
    written_in,
)
from rapport.web.inbox.loading import conversation_for, opened_for
from rapport.web.inbox.panes import open_conversation, shelf_asked
from rapport.web.inbox.timeline import LATER
from rapport.web.inbox.times import moment_in
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import is_partial
from rapport.web.kit.moments import say_moment
from rapport.web.kit.verbs import SignedIn, verbs


def create(request: SignedIn, number: int) -> HttpResponse:
    """Send what the composer holds, or show it again with what is in the way."""
    conversation = conversation_for(request, number)
    draft = fresh_draft(conversation, kind=request.POST.get("kind", "reply"))
    draft = replace(draft, text=request.POST.get("text", ""))
    try:
        draft = draft_in(request, conversation)
        check_newest(conversation, written_in(request.POST), by=request.user.actor)
        if (unfilled := unfilled_in(draft.text)) and not request.POST.get("as_it_is"):
            return shown_again(request, conversation, replace(draft, unfilled=unfilled))
        message = _send(request, conversation, draft)
    except ThreadMoved as moved:
        newest = moved.newer[-1].pk
        return shown_again(request, conversation, replace(draft, newer=moved.newer, seen=newest))
    except DraftMoved as moved:
        return shown_again(request, conversation, replace(draft, quarrel=quarrel_of(moved)))
    except KeyTaken as taken:
        another = fresh_draft(conversation).key
        return shown_again(request, conversation, replace(draft, error=str(taken), key=another))
    except Refusal as refusal:
        return shown_again(request, conversation, replace(draft, error=str(refusal)))
    _then(request, conversation)
    _say(request, message)
    if request.GET.get("from") == LATER:
        return go_to(request, conversation)
    emptied = replace(fresh_draft(conversation), kind="reply", is_fresh=True)
    return shown(request, conversation, composer(request, conversation, emptied))


def _send(request: SignedIn, conversation: Conversation, draft: Draft) -> Message:
    by = request.user.actor
    uploads = [upload.pk for upload in draft.uploads]
    if draft.kind == "note":
        return write_note(
            conversation,
            by=by,
            text=draft.text,
            attachments=uploads,
            client_key=draft.key,
            fingerprint=draft.fingerprint,
        )
    to, cc = addresses_in(draft.to[draft.kind]), addresses_in(draft.cc[draft.kind])
    if draft.kind == "forward":
        return _forward(request, conversation, draft, to, cc)
    return reply(
        conversation,
        by=by,
        text=draft.text,
        to=to or None,
        cc=cc,
        attachments=uploads,
        client_key=draft.key,
        fingerprint=draft.fingerprint,
        seen_message_id=draft.seen,
        anyway=bool(request.POST.get("anyway")),
        due_at=_later(draft),
    )


def _forward(
    request: SignedIn,
    conversation: Conversation,
    draft: Draft,
    to: Sequence[dict[str, str]],
    cc: Sequence[dict[str, str]],
) -> Message:
    public = conversation.messages.exclude(direction="note").filter(withdrawn_at=None)
    newest = public.order_by("-sent_at", "-pk")[:1]
    shown_one = public.filter(pk=draft.forwards) if draft.forwards else newest
    return forward_message(
        get_object_or_404(shown_one),
        by=request.user.actor,
        to=to,
        cc=cc,
        text=draft.text,
        subject=draft.subject,
        attachments=[upload.pk for upload in draft.uploads],
        client_key=draft.key,
        fingerprint=draft.fingerprint,
    )


def _later(draft: Draft) -> datetime | None:
    return moment_in(draft.later) if draft.later else None


def _then(request: SignedIn, conversation: Conversation) -> None:
    if request.POST.get("then") != "solve":
        return
    try:
        solve_conversation(conversation, by=request.user.actor)
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)


def _say(request: SignedIn, message: Message) -> None:
    """What happens to the message now, with the way back while it has not left."""
    if message.direction == "note":
        flash(request, gettext("Noted, only for us"), seconds=3)
        for words in unreached(message.extras):
            flash(request, words, bad=True)
        return
    undo, seconds = f"/inbox/messages/{message.pk}/delivery", config().undo_seconds
    later = request.POST.get("later")
    if later and (due := moment_in(later)):
        said = gettext("Goes out {when}").format(when=say_moment(due))
        flash(request, said, undo=undo)
        return
    said = ngettext("Goes out in {n} second", "Goes out in {n} seconds", seconds)
    flash(request, said.format(n=seconds), undo=undo if seconds else "", seconds=seconds)


def shown_again(request: SignedIn, conversation: Conversation, draft: Draft) -> HttpResponse:
    """The composer as it was, with the reason why nothing has gone out."""
    if is_partial(request):
        return shown(request, conversation, composer(request, conversation, draft))
    shelf = shelf_asked(request, conversation)
    context = composer_context(request, conversation, draft)
    opened = opened_for(request, conversation.pk)
    context |= open_conversation(request, opened, shelf=shelf)
    context |= {"page": shelf.page(request.user)}
    return render(request, "inbox/conversations/show.html", context, status=409)


messages = verbs(post=create)
