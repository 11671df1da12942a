"""A shelf with its rows."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from rapport.kernel.asking import asked_together
from rapport.web.inbox.counting import counts_question
from rapport.web.inbox.live import live_of
from rapport.web.inbox.loading import shelf_for
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
    after = Key.parse(request.GET.get("after", ""))
    agent = request.user
    with asked_together([counts_question(agent), chosen.question(agent, after=after)]):
        live = live_of(request, shelf=chosen)
        context = {"shelf": chosen, "page": chosen.page(agent, after=after), "live": live}
    if after and is_partial(request):
        return fragments(request, Fragment("inbox/lists/_rows.html", context))
    return render(request, "inbox/lists/show.html", context)


index = verbs(get=begin)
shelf = verbs(get=show)
