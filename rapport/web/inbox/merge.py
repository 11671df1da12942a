"""Merges: a conversation goes into another one, and comes back when that was wrong."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from rapport.conversations.locking import Refusal
from rapport.conversations.merging import DifferentCustomers, merge_conversations
from rapport.conversations.models import Conversation, Merge
from rapport.conversations.unmerging import undo_merge
from rapport.web.inbox.acting import go_to, shown
from rapport.web.inbox.loading import conversation_for, opened_for
from rapport.web.inbox.person import person_of
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.verbs import SignedIn, verbs

REF = re.compile(r"\s*(?:[cC]-)?([1-9][0-9]{0,17})\s*")


def show(request: SignedIn, number: int) -> HttpResponse:
    """The customer's other conversations to choose from, or a number to give."""
    return _ask(request, conversation_for(request, number))


def create(request: SignedIn, number: int) -> HttpResponse:
    """Put it into the other one; across customers only when that is meant."""
    conversation = conversation_for(request, number)
    target = _target(request)
    if target is None:
        flash(
            request, gettext("There is no conversation of this number that you may see."), bad=True
        )
        return shown(request, conversation)
    meant = bool(request.POST.get("across"))
    try:
        merge = merge_conversations(
            conversation, into=target, by=request.user.actor, across_customers=meant
        )
    except DifferentCustomers:
        return _ask(request, conversation, target=target)
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
        return shown(request, conversation)
    _say(request, merge)
    return go_to(request, target)


def _say(request: SignedIn, merge: Merge) -> None:
    said = gettext("{source} was merged into this one").format(source=merge.source.ref)
    flash(request, said, undo=f"/inbox/merges/{merge.pk}", seconds=20)


def _target(request: SignedIn) -> Conversation | None:
    found = REF.fullmatch(request.POST.get("into", ""))
    try:
        return conversation_for(request, int(found[1])) if found else None
    except Http404:
        return None


def _ask(
    request: SignedIn, conversation: Conversation, *, target: Conversation | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "conversation": conversation,
        "person": person_of(opened_for(request, conversation.pk), agent=request.user),
        "target": target,
        "query": request.GET.urlencode(),
    }
    if is_partial(request) and target is None:
        return fragments(request, Fragment("inbox/merge/_choices.html", context))
    if is_partial(request):
        into = Fragment("inbox/merge/_choices.html", context, into="merge", swap="innerHTML")
        return fragments(request, None, into)
    return render(request, "inbox/merge/show.html", context)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """The two were two matters after all."""
    merge = get_object_or_404(Merge.objects.select_related("source", "target"), pk=number)
    conversation_for(request, merge.target_id)
    try:
        source = undo_merge(merge, by=request.user.actor)
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
        return shown(request, merge.target)
    return go_to(request, source)


merge = verbs(get=show, post=create)
undone = verbs(post=destroy, delete=destroy)
