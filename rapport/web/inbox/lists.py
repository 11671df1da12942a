"""A shelf with its rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from rapport.conversations.reading_notifications import bell_question
from rapport.kernel.asking import asked_together
from rapport.web.inbox.bell import bell_for
from rapport.web.inbox.bulks import choosing
from rapport.web.inbox.counting import counts_for, questions_ahead
from rapport.web.inbox.desk import lists_beside
from rapport.web.inbox.live import live_of
from rapport.web.inbox.loading import shelf_for
from rapport.web.inbox.shelves import Shelf
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.paging import Key
from rapport.web.kit.verbs import SignedIn, verbs


def begin(request: SignedIn) -> HttpResponse:
    """Everybody begins with what is theirs; who cannot work begins with what is open."""
    name = "mine" if request.user.may_work else "open"
    return HttpResponseRedirect(reverse("inbox:list", args=[name]))


def show(request: SignedIn, shelf: str) -> HttpResponse:
    """The page; further rows come as a fragment behind the key of the last one."""
    chosen = shelf_for(request, shelf)
    if is_partial(request) and request.GET.get("pane") == "thread":
        return _closed(request, chosen)
    after = Key.parse(request.GET.get("after", ""))
    agent = request.user
    questions = [*questions_ahead(request, agent), bell_question(agent)]
    with asked_together([*questions, *chosen.questions(agent, after=after)]):
        bell_for(request, agent)
        live = live_of(request, shelf=chosen)
        context = {"shelf": chosen, "page": chosen.page(agent, after=after), "live": live}
        context |= choosing(request)
    if after and is_partial(request):
        return fragments(request, Fragment("inbox/lists/_rows.html", context))
    if is_partial(request):
        return _switched(request, context)
    return render(request, "inbox/lists/show.html", context)


def _switched(request: SignedIn, context: dict[str, Any]) -> HttpResponse:
    """Another list in place of the one that is shown; nothing is open."""
    side = lists_beside(counts_for(request, request.user), here=context["shelf"].name)
    return fragments(
        request,
        Fragment("inbox/lists/_switched.html", context),
        Fragment("inbox/lists/_none_open.html", into="thread", swap="outerHTML"),
        Fragment("inbox/lists/_nobody.html", into="person", swap="outerHTML"),
        Fragment("inbox/_live.html", context, into="live"),
        Fragment("kit/_shelves.html", {"side": side}, into="shelves", swap="innerMorph"),
    )


def _closed(request: SignedIn, shelf: Shelf) -> HttpResponse:
    """The list stays as it is; what was open beside it is not open any more."""
    context = {"shelf": shelf, "live": live_of(request, shelf=shelf)}
    return fragments(
        request,
        Fragment("inbox/lists/_closed.html", context),
        Fragment("inbox/lists/_nobody.html", into="person", swap="outerHTML"),
        Fragment("inbox/_live.html", context, into="live"),
    )


index = verbs(get=begin)
shelf = verbs(get=show)
