"""Bulks: one thing done to all conversations that were chosen on a list, and the one way back."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import ngettext

from rapport.accounts.models import Agent, Role, Team
from rapport.conversations.handling_many import AT_ONCE, MOST, begin_bulk, carry_on
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Bulk, Deed, Priority, StepState, Tag
from rapport.conversations.undoing_many import undo_bulk
from rapport.web.inbox.loading import shelf_for
from rapport.web.inbox.panes import row_fragments
from rapport.web.inbox.rows import read_rows
from rapport.web.inbox.shelves import Shelf
from rapport.web.inbox.times import moment_in, presets
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import Fragment, answer, fragments, is_partial
from rapport.web.kit.verbs import SignedIn, verbs

WORKING = (Role.ADMIN, Role.LEAD, Role.AGENT)
TAGS = 200


def choose(request: SignedIn) -> HttpResponse:
    """To whom, under which tag, until when: what the bar above the list has no room for."""
    shelf = shelf_for(request, request.GET.get("shelf", "open"))
    context: dict[str, Any] = {
        "shelf": shelf,
        "chosen": _numbers(request.GET.getlist("c")),
        "whole": "all" in request.GET,
        "agents": Agent.objects.filter(is_active=True, role__in=WORKING).order_by("name", "id"),
        "teams": Team.objects.order_by("name", "id"),
        "tags": Tag.objects.order_by("name").values_list("name", flat=True)[:TAGS],
        "priorities": Priority.choices,
        "presets": presets(),
        "bulk_key": secrets.token_hex(16),
    }
    if is_partial(request):
        return fragments(request, Fragment("inbox/bulks/_choices.html", context))
    return render(request, "inbox/bulks/new.html", context)


def choosing(request: SignedIn) -> dict[str, Any]:
    """What a page with a list needs so that rows can be chosen on it."""
    return {"may_work": request.user.may_work, "bulk_key": secrets.token_hex(16)}


def create(request: SignedIn) -> HttpResponse:
    """Do it to those that were chosen, or to all on the list."""
    shelf = shelf_for(request, request.GET.get("shelf", "open"))
    deed, _, value = request.POST.get("do", "").partition(":")
    if deed == "more":
        return _further(request, shelf)
    try:
        bulk = begin_bulk(
            _chosen(request, shelf),
            by=request.user.actor,
            deed=deed,
            value=_value(request, deed, value),
            client_key=request.POST.get("key", "")[:64] or secrets.token_hex(16),
        )
        carry_on(bulk)
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
        return answer(request, *_key(), otherwise=_list(shelf))
    back = f"{reverse('inbox:bulk', args=[bulk.pk])}?shelf={shelf.name}"
    flash(request, said_of(bulk), undo=back, seconds=20)
    return _shown(request, bulk, shelf)


def show(request: SignedIn, number: int) -> HttpResponse:
    """How far it is, and what could not be done or undone, and why."""
    bulk = _bulk_for(request, number)
    shelf = shelf_for(request, request.GET.get("shelf", "open"))
    odd = bulk.steps.filter(state__in=(StepState.REFUSED, StepState.KEPT))
    context = {
        "bulk": bulk,
        "shelf": shelf,
        "said": said_of(bulk),
        "progress": _progress(bulk),
        "odd": odd.select_related("conversation").order_by("pk")[:MOST],
    }
    if is_partial(request):
        return fragments(request, Fragment("inbox/bulks/_progress.html", context))
    return render(request, "inbox/bulks/show.html", context)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Take it back wherever nobody has changed it since."""
    bulk = _bulk_for(request, number)
    shelf = shelf_for(request, request.GET.get("shelf", "open"))
    undo_bulk(bulk, by=request.user.actor)
    flash(request, said_of(bulk), seconds=20)
    return _shown(request, bulk, shelf)


def said_of(bulk: Bulk) -> str:
    """One line: to how many it was done or undone, how many are under way, what could not be, and why."""
    counts = _counts(bulk)
    done, undone = counts[StepState.DONE], counts[StepState.UNDONE]
    if bulk.undone_at:
        said = ngettext("{n} conversation as before", "{n} conversations as before", undone)
        waiting, odd = done, StepState.KEPT
    else:
        said = ngettext("{n} conversation changed", "{n} conversations changed", done)
        waiting, odd = counts[StepState.WAITING], StepState.REFUSED
    parts = [said.format(n=undone if bulk.undone_at else done)]
    if waiting:
        parts.append(ngettext("{n} to go", "{n} to go", waiting).format(n=waiting))
    if left := counts[odd]:
        why = bulk.steps.filter(state=odd).values_list("why", flat=True).first()
        parts.append(ngettext("{n} not: {why}", "{n} not: {why}", left).format(n=left, why=why))
    return " · ".join(parts)


def _counts(bulk: Bulk) -> dict[str, int]:
    found = bulk.steps.values_list("state").annotate(Count("pk")).order_by()
    return {**dict.fromkeys(StepState.values, 0), **dict(found)}


def _progress(bulk: Bulk) -> dict[str, int]:
    counts = _counts(bulk)
    left = counts[StepState.DONE if bulk.undone_at else StepState.WAITING]
    total = sum(counts.values())
    return {"done": total - left, "total": total, "left": left}


def _shown(request: SignedIn, bulk: Bulk, shelf: Shelf) -> HttpResponse:
    """The rows as they stand now; a large bulk has a page that tells how far it is."""
    numbers = list(bulk.steps.values_list("conversation_id", flat=True)[: AT_ONCE * 2])
    if bulk.steps.count() > AT_ONCE:
        there = f"{reverse('inbox:bulk', args=[bulk.pk])}?shelf={shelf.name}"
        if is_partial(request):
            return HttpResponse(headers={"HX-Redirect": there, "HX-Reswap": "none"})
        return HttpResponseRedirect(there)
    if not is_partial(request):
        return HttpResponseRedirect(_list(shelf))
    rows = row_fragments(request, shelf, numbers, leaving=numbers)
    return answer(request, *rows, *_key(), otherwise=_list(shelf))


def _further(request: SignedIn, shelf: Shelf) -> HttpResponse:
    """Without scripts: the page with everything that can be done to those that were chosen."""
    chosen = [("c", str(number)) for number in _numbers(request.POST.getlist("c"))]
    whole = [("all", "1")] if request.POST.get("all") else []
    query = urlencode([("shelf", shelf.name), *whole, *chosen[:AT_ONCE]])
    return HttpResponseRedirect(f"{reverse('inbox:bulks')}?{query}")


def _key() -> list[Fragment]:
    """The form's next key: what is chosen next is another bulk."""
    return [Fragment("inbox/bulks/_key.html", {"bulk_key": secrets.token_hex(16)}, into="bulk_key")]


def _chosen(request: SignedIn, shelf: Shelf) -> list[int]:
    if request.POST.get("all"):
        return [row.id for row in read_rows(request.user, shelf=shelf, limit=MOST)]
    return _numbers(request.POST.getlist("c"))


def _numbers(texts: list[str]) -> list[int]:
    return [int(t) for t in texts[:MOST] if t.isascii() and t.isdigit() and len(t) < 19]


def _value(request: SignedIn, deed: str, value: str) -> str:
    """What stands behind the deed, or in the field that goes with it."""
    if deed in (Deed.TAG, Deed.UNTAG):
        return value or request.POST.get("tag", "")
    if deed == Deed.AGENT and value == "me":
        return str(request.user.pk)
    if deed == Deed.SNOOZE:
        until = moment_in(value or request.POST.get("custom", ""))
        return until.isoformat() if until else ""
    return value


def _list(shelf: Shelf) -> str:
    return reverse("inbox:list", args=[shelf.name])


def _bulk_for(request: SignedIn, number: int) -> Bulk:
    """The reader's own, or 404."""
    bulk: Bulk = get_object_or_404(Bulk, pk=number, by_kind="agent", by_id=request.user.pk)
    return bulk


bulks = verbs(get=choose, post=create)
bulk = verbs(get=show, delete=destroy)
