"""Merges: a conversation goes into another one, and comes back when that was wrong."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from rapport.conversations.locking import Refusal
from rapport.conversations.merging import DifferentCustomers, merge_conversations
from rapport.conversations.models import Conversation, Merge
from rapport.conversations.unmerging import undo_merge
from rapport.web.inbox.acting import go_to, shown
from rapport.web.inbox.candidates import candidates_for
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.verbs import SignedIn, verbs

REF = re.compile(r"\s*(?:[cC]-)?([1-9][0-9]{0,17})\s*")


def show(request: SignedIn, number: int) -> HttpResponse:
    """Conversations to choose from, and what is to be merged into what once one is chosen."""
    conversation = conversation_for(request, number)
    chosen = _named(request, request.GET.get("other", ""))
    if chosen is not None and chosen.pk != conversation.pk:
        return _ask(request, conversation, target=chosen)
    return _offer(request, conversation)


def create(request: SignedIn, number: int) -> HttpResponse:
    """Put it into the other one, or the other into it; across customers only when that is meant."""
    conversation = conversation_for(request, number)
    other = _named(request, request.POST.get("into", ""))
    if other is None:
        flash(
            request, gettext("There is no conversation of this number that you may see."), bad=True
        )
        return shown(request, conversation)
    meant, stays = bool(request.POST.get("across")), request.POST.get("survivor") == "this"
    source, target = (other, conversation) if stays else (conversation, other)
    try:
        merge = merge_conversations(
            source, into=target, by=request.user.actor, across_customers=meant
        )
    except DifferentCustomers:
        return _ask(request, conversation, target=other)
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
        return shown(request, conversation)
    _say(request, merge)
    return go_to(request, target)


def _say(request: SignedIn, merge: Merge) -> None:
    said = gettext("{source} was merged into this one").format(source=merge.source.ref)
    flash(request, said, undo=f"/inbox/merges/{merge.pk}", seconds=20)


def _named(request: SignedIn, ref: str) -> Conversation | None:
    """The conversation that somebody typed, if they may see it."""
    found = REF.fullmatch(ref)
    try:
        return conversation_for(request, int(found[1])) if found else None
    except Http404:
        return None


def _offer(request: SignedIn, conversation: Conversation) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    context = {
        "conversation": conversation,
        "candidates": candidates_for(conversation, words=words, agent=request.user),
        "q": words,
        "query": _kept(request),
    }
    if is_partial(request):
        return fragments(request, Fragment("inbox/merge/_candidates.html", context))
    return render(request, "inbox/merge/show.html", context)


def _ask(request: SignedIn, conversation: Conversation, *, target: Conversation) -> HttpResponse:
    context: dict[str, Any] = {
        "conversation": conversation,
        "target": target,
        "are_two": target.customer_id != conversation.customer_id,
        "query": _kept(request),
    }
    if is_partial(request):
        into = Fragment("inbox/merge/_sure.html", context, into="merge", swap="innerHTML")
        return fragments(request, None, into)
    return render(request, "inbox/merge/show.html", context)


def _kept(request: SignedIn) -> str:
    names = ("shelf", "from", "new")
    return urlencode({name: request.GET[name] for name in names if request.GET.get(name)})


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
