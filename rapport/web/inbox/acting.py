"""Acting: one ability is called, its refusal is said, and the page shows how things stand now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from rapport.conversations.locking import Refusal
from rapport.conversations.models import Conversation
from rapport.web.inbox.panes import changed, shelf_asked
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import Fragment, answer
from rapport.web.kit.verbs import SignedIn


def act(
    request: SignedIn,
    conversation: Conversation,
    do: Callable[[], object],
    *,
    said: str = "",
    undo: str = "",
    method: str = "delete",
    fields: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Call `do`, say what was done and how to take it back (`undo`, an address below the conversation's)."""
    try:
        do()
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
    else:
        if said:
            back = f"{address_of(conversation)}/{undo}?{_query(request)}" if undo else ""
            flash(request, said, undo=back, method=method, fields=fields)
    return shown(request, conversation)


def shown(request: SignedIn, conversation: Conversation, *others: Fragment) -> HttpResponse:
    """The conversation as it stands now; the list where the reader may not see it any longer."""
    try:
        parts = changed(request, conversation)
    except Http404:
        return left(request, conversation)
    otherwise = f"{address_of(conversation)}?{_query(request)}"
    return answer(request, *parts, *others, otherwise=otherwise)


def left(request: SignedIn, conversation: Conversation) -> HttpResponse:
    """Back to the shelf: the conversation has gone out of sight."""
    shelf = reverse("inbox:list", args=[shelf_asked(request, conversation).name])
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": shelf, "HX-Reswap": "none"})
    return HttpResponseRedirect(shelf)


def go_to(request: SignedIn, conversation: Conversation) -> HttpResponse:
    """Open another conversation: what was done has its end there."""
    target = f"{address_of(conversation)}?{_query(request, keep=('shelf',))}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": target, "HX-Reswap": "none"})
    return HttpResponseRedirect(target)


def address_of(conversation: Conversation) -> str:
    """Where a conversation is found."""
    return reverse("inbox:conversation", args=[conversation.pk])


def _query(request: SignedIn, *, keep: tuple[str, ...] = ("shelf", "from", "new")) -> str:
    return urlencode({name: request.GET[name] for name in keep if request.GET.get(name)})
