"""States of a channel: its pause, its hook's address, its secrets."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.channels.models import Channel
from rapport.channels.pausing import pause_channel, resume_channel
from rapport.channels.rotating_secrets import rotate_all, rotate_hook, rotate_signing
from rapport.kernel.config import config
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins


def rest(request: SignedIn, number: int) -> HttpResponse:
    """Pause it."""
    channel = get_object_or_404(Channel, pk=number)
    pause_channel(channel, by=request.user.actor)
    words = _("{name} is paused. Nothing is lost: mail waits in its mailbox, replies wait here.")
    flash(
        request,
        words.format(name=channel.name),
        undo=reverse("settings:pause", args=[number]),
    )
    return _back(number)


def go_on(request: SignedIn, number: int) -> HttpResponse:
    """Resume it."""
    channel = get_object_or_404(Channel, pk=number)
    resume_channel(channel, by=request.user.actor)
    flash(request, _("{name} is in use again.").format(name=channel.name))
    return _back(number)


def move_hook(request: SignedIn, number: int) -> HttpResponse:
    """Another address for the mail hook."""
    rotate_hook(_of_kind("email", number), by=request.user.actor)
    flash(request, _("The hook has a new address. The old one takes nothing any more."))
    return _back(number)


def rotate(request: SignedIn, number: int) -> HttpResponse:
    """A new signing secret, and on wish a new token; shown this once."""
    channel = _of_kind("webhook", number)
    change = rotate_all if request.POST.get("what") == "all" else rotate_signing
    context = {
        "channel": channel,
        "secrets": change(channel, by=request.user.actor),
        "is_rotation": True,
        "public_url": config().public_url.rstrip("/"),
    }
    return pages.show(request, "channels/secrets", context, status=201)


def _of_kind(kind: str, number: int) -> Channel:
    channel = get_object_or_404(Channel, pk=number)
    if channel.kind != kind:
        raise Http404
    return channel


def _back(number: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("settings:channel", args=[number]))


pause = for_admins(post=rest, delete=go_on)
hook = for_admins(post=move_hook)
secret = for_admins(post=rotate)
