"""Parked arrivals: what could not be read or placed, with the reason, to be looked at and tried again."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rapport.channels.models import Envelope, EnvelopeState
from rapport.channels.replaying import replay_all, replay_envelope
from rapport.web.inbox.bodies import whole_source
from rapport.web.inbox.details import SHOWN_SOURCE, as_download
from rapport.web.kit.flashing import flash
from rapport.web.kit.paging import Page
from rapport.web.kit.verbs import SignedIn, verbs

PAGE = 50
#: Its raw bytes are anybody's words: only those who see every conversation see them.
COLUMNS = ("id", "door", "event_id", "error", "received_at", "request_id", "channel__name")


def _only_leads(request: SignedIn) -> None:
    if not request.user.is_lead:
        raise PermissionDenied


def show(request: SignedIn) -> HttpResponse:
    """The list, the newest first."""
    _only_leads(request)
    found = Envelope.objects.filter(state=EnvelopeState.PARKED).order_by("-id")
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 19:
        found = found.filter(id__lt=int(after))
    rows = list(found.values(*COLUMNS)[: PAGE + 1])
    more = str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else ""
    return render(request, "inbox/parked/index.html", {"page": Page(rows[:PAGE], more)})


def replay_them(request: SignedIn) -> HttpResponse:
    """Try all of them again."""
    _only_leads(request)
    count = replay_all(by=request.user.actor)
    said = ngettext("{n} arrival is tried again", "{n} arrivals are tried again", count)
    flash(request, said.format(n=count))
    return HttpResponseRedirect(reverse("inbox:parked"))


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """One of them with its error and its raw bytes."""
    _only_leads(request)
    envelope = get_object_or_404(Envelope.objects.select_related("channel"), pk=number)
    raw = bytes(envelope.raw)
    if request.GET.get("download"):
        return as_download(raw, name=f"envelope-{envelope.pk}.eml")
    context = {
        "envelope": envelope,
        "source": whole_source(raw[:SHOWN_SOURCE]),
        "is_cut": len(raw) > SHOWN_SOURCE,
        "size": len(raw),
    }
    return render(request, "inbox/parked/show.html", context)


def replay_one(request: SignedIn, number: int) -> HttpResponse:
    """Try this one again."""
    _only_leads(request)
    envelope = get_object_or_404(Envelope, pk=number)
    if replay_envelope(envelope, by=request.user.actor):
        flash(request, gettext("It is tried again"))
    return HttpResponseRedirect(reverse("inbox:parked"))


parked = verbs(get=show, post=replay_them)
envelope = verbs(get=show_one, post=replay_one)
