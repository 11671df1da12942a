"""A message with everything that is known of it: addresses, why it stands here, its formatted and raw forms."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin

from rapport.channels.models import Envelope
from rapport.kernel import clock
from rapport.web.inbox.bodies import formatted, whole_source
from rapport.web.inbox.bubbles import draw, reader_at
from rapport.web.inbox.explaining import checks_of, machine_of, reasons_of
from rapport.web.inbox.files import address_of
from rapport.web.inbox.loading import message_for
from rapport.web.inbox.reading import read_one
from rapport.web.inbox.ticks import tick_of, ticks_apart
from rapport.web.kit.csp import STRANGER, STRANGER_WITH_PICTURES
from rapport.web.kit.moments import say_exactly
from rapport.web.kit.verbs import SignedIn, verbs

SHOWN_SOURCE = 200_000


def show(request: SignedIn, number: int) -> HttpResponse:
    """The page of one message."""
    message = message_for(request, number)
    spoken, now = read_one(message), clock.now()
    judgement = message.judgements.standing().first()
    context: dict[str, Any] = {
        "message": message,
        "conversation": message.conversation,
        "drawn": draw(spoken, reader=reader_at(now)).html,
        "exact": say_exactly(message.sent_at),
        "tick": tick_of(spoken, now=now),
        "apart": ticks_apart(spoken, now=now),
        "reasons": reasons_of(spoken),
        "checks": checks_of(spoken),
        "machine": "" if judgement else machine_of(spoken),
        "judgement": judgement,
        "judgeable": message.direction == "in" and message.kind != "own",
        "has_source": Envelope.objects.filter(pk=message.envelope_id or 0).exists(),
        "show_formatted": bool(request.GET.get("formatted")) and bool(message.html),
        "pictures": "1" if request.GET.get("pictures") else "",
        "redactions": message.redactions.order_by("at"),
        "may_work": request.user.may_work,
    }
    return render(request, "inbox/details/show.html", context)


def show_formatted(request: SignedIn, number: int) -> HttpResponse:
    """The sanitised HTML as its sender made it look, alone in a sandbox; with pictures when asked."""
    message = message_for(request, number)
    if not message.html:
        raise Http404
    files = {f.content_id: address_of(f) for f in message.attachments.exclude(content_id="")}
    pictures = bool(request.GET.get("pictures"))
    html = formatted(message.html, files, show_held=pictures)
    response = HttpResponse(html)
    response["Content-Security-Policy"] = STRANGER_WITH_PICTURES if pictures else STRANGER
    response["Referrer-Policy"] = "no-referrer"
    return response


def show_source(request: SignedIn, number: int) -> HttpResponse:
    """The bytes as they arrived: to read, or whole as a download."""
    message = message_for(request, number)
    envelope = Envelope.objects.filter(pk=message.envelope_id or 0).first()
    if envelope is None:
        raise Http404
    raw = bytes(envelope.raw)
    if request.GET.get("download"):
        return as_download(raw, name=f"{message.conversation.ref}-{message.pk}.eml")
    context = {
        "message": message,
        "conversation": message.conversation,
        "source": whole_source(raw[:SHOWN_SOURCE]),
        "is_cut": len(raw) > SHOWN_SOURCE,
        "size": len(raw),
    }
    return render(request, "inbox/details/source.html", context)


def as_download(raw: bytes, *, name: str) -> HttpResponse:
    """A stranger's bytes: kept, never shown."""
    response = HttpResponse(raw, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


details = verbs(get=show)
formatted_mail = xframe_options_sameorigin(verbs(get=show_formatted))
source = verbs(get=show_source)
