"""The tags of a conversation."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from rapport.conversations.models import Tag
from rapport.conversations.tagging import tag_conversation, untag_conversation
from rapport.web.inbox.acting import act
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.verbs import SignedIn, verbs

MOST = 200


def show(request: SignedIn, number: int) -> HttpResponse:
    """The tags that there are, to choose from or to add to."""
    conversation = conversation_for(request, number)
    names = Tag.objects.exclude(taggings__conversation=conversation).order_by("name")
    context: dict[str, Any] = {
        "conversation": conversation,
        "names": names.values_list("name", flat=True)[:MOST],
        "query": request.GET.urlencode(),
    }
    if is_partial(request):
        return fragments(request, Fragment("inbox/tags/_choices.html", context))
    return render(request, "inbox/tags/show.html", context)


def create(request: SignedIn, number: int) -> HttpResponse:
    """Put a tag on."""
    conversation = conversation_for(request, number)
    name = request.POST.get("tag") or request.POST.get("new") or ""
    return act(
        request,
        conversation,
        lambda: tag_conversation(conversation, tag=name, by=request.user.actor),
    )


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Take a tag off."""
    conversation = conversation_for(request, number)
    name = request.POST.get("tag", "")
    return act(
        request,
        conversation,
        lambda: untag_conversation(conversation, tag=name, by=request.user.actor),
    )


tags = verbs(get=show, post=create, delete=destroy)
