"""Saved views: the list of them, and the builder of one, with how much it finds while it is built."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.models import Team
from rapport.conversations.access import team_ids
from rapport.conversations.keeping_views import Draft, change_view, keep_view
from rapport.conversations.locking import Refusal
from rapport.conversations.models import SavedView, ViewOrder, ViewPart
from rapport.conversations.models.saved_view import ICONS, SavedViewQuerySet
from rapport.conversations.ordering_views import place_view
from rapport.conversations.removing_views import remove_view, restore_view
from rapport.conversations.settling_names import settle_names
from rapport.conversations.stating_conditions import Filter
from rapport.conversations.wording_filters import read_filter
from rapport.kernel.asking import ask
from rapport.web.inbox.building import Built, fields_offered, read_form, rows_of
from rapport.web.inbox.counting import counts_for, definition_of
from rapport.web.inbox.saved import make_shelf
from rapport.web.inbox.shelves import Shelf
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import Fragment, answer, fragments, is_partial
from rapport.web.kit.verbs import SignedIn, verbs

SHOWN, MOST = 5, 100
EXAMPLE = "is:open tag:refund waiting:4h"


def show_all(request: SignedIn) -> HttpResponse:
    """Every view that this colleague has, in the order of the side."""
    rows = (
        _theirs(request)
        .standing()
        .select_related("team", "owner")
        .order_by("owner_id", "team__name", "place", "id")
    )
    views = [
        {
            "view": view,
            "may": may_change(request, view),
            "before": before,
            "has": view.name in counts_for(request, request.user).lists,
        }
        for view, before in _with_the_one_above(list(rows))
    ]
    return render(request, "inbox/saved_views/index.html", {"views": views})


def begin(request: SignedIn) -> HttpResponse:
    """The builder of a new one; what is in the address fills it."""
    return _show(request, None, read_form(request.GET), _draft_of(request.GET))


def create(request: SignedIn) -> HttpResponse:
    """Keep a new one and show its list."""
    return _save(request, None)


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """The builder of one that is there."""
    view = view_for(request, number)
    if "order" in request.GET:  # its form, with what was changed so far
        return _show(request, view, read_form(request.GET), _draft_of(request.GET))
    built = Built(read_filter(view.query).conditions)
    return _show(request, view, built, _draft_of_view(view))


def change(request: SignedIn, number: int) -> HttpResponse:
    """Let it be something else."""
    return _save(request, view_for(request, number))


def remove(request: SignedIn, number: int) -> HttpResponse:
    """Take it from the side of all who have it; for ten seconds there is a way back."""
    view = view_for(request, number)
    remove_view(view, by=request.user.actor)
    back = reverse("inbox:view_removal", args=[view.pk])
    flash(request, _("The view {title} is removed.").format(title=view.title), undo=back)
    return HttpResponseRedirect(reverse("inbox:views"))


def restore(request: SignedIn, number: int) -> HttpResponse:
    """Undo its removal."""
    view = view_for(request, number, is_gone=True)
    restore_view(view, by=request.user.actor)
    address = reverse("inbox:list", args=[f"view-{view.pk}"])
    if is_partial(request):
        return HttpResponse(headers={"HX-Redirect": address, "HX-Reswap": "none"})
    return answer(request, otherwise=address)


def place(request: SignedIn, number: int) -> HttpResponse:
    """Put it before another one."""
    view, other = view_for(request, number), request.POST.get("before", "")
    before = view_for(request, int(other)) if other.isdecimal() and len(other) < 19 else None
    place_view(view, before=before, by=request.user.actor)
    return HttpResponseRedirect(reverse("inbox:views"))


def view_for(request: SignedIn, number: int, *, is_gone: bool = False) -> SavedView:
    """The view, if this colleague has it, or 404."""
    found = _theirs(request).select_related("team", "owner")
    view: SavedView = get_object_or_404(found.filter(ended_at__isnull=not is_gone), pk=number)
    return view


def _theirs(request: SignedIn) -> SavedViewQuerySet:
    """What this colleague has at the side, and for leads what anybody shares."""
    if request.user.is_lead:
        return SavedView.objects.filter(Q(owner=None) | Q(owner=request.user))
    return SavedView.objects.of(request.user, team_ids(request.user))


def may_change(request: SignedIn, view: SavedView) -> bool:
    """Whether the page offers to change it; the ability decides for itself."""
    if view.owner_id:
        return bool(view.owner_id == request.user.pk)
    return request.user.is_lead or (view.team_id is not None and request.user.may_work)


def _with_the_one_above(rows: list[SavedView]) -> list[tuple[SavedView, int | None]]:
    """Each with the number of the one above it among its like."""
    above = [None, *rows]
    return [
        (
            row,
            other.pk
            if other and (other.owner_id, other.team_id) == (row.owner_id, row.team_id)
            else None,
        )
        for row, other in zip(rows, above, strict=False)
    ]


def _save(request: SignedIn, view: SavedView | None) -> HttpResponse:
    built, said = read_form(request.POST), _draft_of(request.POST)
    team = _team_of(request, said["audience"])
    draft = Draft(
        said["title"], built.query, said["icon"], said["order"], said["hidden"],
        team=team, for_all=said["audience"] == "all",
    )  # fmt: skip
    if built.faults:
        return _show(request, view, built, said, status=422)
    try:
        by = request.user.actor
        kept = change_view(view, draft, by=by) if view else keep_view(draft, by=by)
    except Refusal as refusal:
        return _show(request, view, built, said | {"refusal": str(refusal)}, status=422)
    flash(request, _("The view {title} is saved.").format(title=kept.title))
    return HttpResponseRedirect(reverse("inbox:list", args=[f"view-{kept.pk}"]))


def _show(
    request: SignedIn,
    view: SavedView | None,
    built: Built,
    said: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "view": view,
        "said": said,
        "built": built,
        "rows": rows_of(built),
        "fields": fields_offered(),
        "example": EXAMPLE,
        "action": reverse("inbox:view", args=[view.pk]) if view else reverse("inbox:views"),
        "here": request.path if request.method == "GET" else reverse("inbox:new_view"),
        "may": view is None or may_change(request, view),
        **_found(request, built),
    }
    if is_partial(request) and request.method == "GET":
        return fragments(request, Fragment("inbox/saved_views/_builder.html", context))
    context |= {
        "orders": ViewOrder.choices,
        "parts": ViewPart.choices,
        "icons": ICONS,
        "audiences": _audiences(request),
    }
    return render(request, "inbox/saved_views/show.html", context, status=status)


def _found(request: SignedIn, built: Built) -> dict[str, Any]:
    """How many the conditions find, and the first of them."""
    try:
        asked = settle_names(Filter(built.conditions))
    except Refusal as refusal:
        return {"fault": str(refusal)}
    if not asked.conditions:
        return {}
    shelf = make_shelf(request.user, "preview", "", asked.conditions)
    page = shelf.page(request.user)
    return {"count": _count(request, shelf), "page": page, "first": page.rows[:SHOWN]}


def _count(request: SignedIn, shelf: Shelf) -> str:
    """How many there are, up to a hundred; "" for the history, which nobody counts."""
    if not shelf.is_counted:
        return ""
    asked = definition_of(request.user, shelf)
    found = ask(
        f"SELECT count(*) FROM (SELECT FROM conversations_conversation c WHERE {asked.where} LIMIT {MOST}) x",  # noqa: S608
        asked.parameters,
    )[0][0]
    return f"{MOST - 1}+" if found >= MOST else str(found)


def _draft_of(form: Any) -> dict[str, Any]:
    shown = form.getlist("shown") if "order" in form else ViewPart.values
    return {
        "title": form.get("title", ""),
        "icon": form.get("icon", "eye"),
        "order": form.get("order", "newest"),
        "hidden": [part for part in ViewPart.values if part not in shown],
        "audience": form.get("audience", "me"),
    }


def _draft_of_view(view: SavedView) -> dict[str, Any]:
    audience = "me" if view.owner_id else f"team-{view.team_id}" if view.team_id else "all"
    return {
        "title": view.title,
        "icon": view.icon,
        "order": view.order,
        "hidden": view.hidden,
        "audience": audience,
    }


def _audiences(request: SignedIn) -> list[tuple[str, str]]:
    """For whom this colleague may keep views."""
    agent = request.user
    teams = Team.objects.all() if agent.is_lead else Team.objects.filter(pk__in=team_ids(agent))
    offered = [("me", _("Only me"))]
    if agent.may_work:
        offered += [(f"team-{team.pk}", team.name) for team in teams.order_by("name")]
    return [*offered, ("all", _("Everybody"))] if agent.is_lead else offered


def _team_of(request: SignedIn, audience: str) -> Team | None:
    head, _dash, number = audience.partition("-")
    if head != "team":
        return None
    teams = (
        Team.objects.all()
        if request.user.is_lead
        else Team.objects.filter(pk__in=team_ids(request.user))
    )
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    return get_object_or_404(teams, pk=int(number))


views = verbs(get=show_all, post=create)
new_view = verbs(get=begin)
view = verbs(get=show_one, post=change, delete=remove)
view_place = verbs(post=place)
view_removal = verbs(delete=restore)
