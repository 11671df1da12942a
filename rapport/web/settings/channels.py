"""Channels: every door by which customers reach us, how each fares, and one channel's own page."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.channels.changing_channels import change_channel
from rapport.channels.models import Channel
from rapport.channels.webhook.configuring import Misconfigured
from rapport.channels.webhook.setting_up import make_config
from rapport.kernel.config import config
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.channel_forms import MailForm, WebhookForm, initial_of
from rapport.web.settings.faring import fare_of, fares
from rapport.web.settings.mailboxes import Attempt, attempt


def show_all(request: SignedIn) -> HttpResponse:
    """The list with states, last arrivals, errors and counts."""
    return pages.show(request, "channels/index", {"fares": fares()})


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """One channel: how it fares, its addresses, its form."""
    channel = get_object_or_404(Channel, pk=number)
    make = MailForm if channel.kind == "email" else WebhookForm
    return _page(request, channel, Attempt(make(initial=initial_of(channel))))  # type: ignore[arg-type]


def change(request: SignedIn, number: int) -> HttpResponse:
    """Save what was changed; a mailbox is tried first."""
    channel = get_object_or_404(Channel, pk=number)
    if channel.kind != "email":
        return _change_webhook(request, channel)
    tried = attempt(request.POST, by=request.user.actor, channel=channel)
    if tried.channel is None:
        return _page(request, channel, tried)
    return _saved(request, channel)


def _change_webhook(request: SignedIn, channel: Channel) -> HttpResponse:
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            settings = make_config(**form.settings)
        except Misconfigured as fault:
            pages.refuse(form, fault, field="callback_url")
        else:
            change_channel(channel, form.columns, by=request.user.actor, config=settings)
            return _saved(request, channel)
    return _page(request, channel, Attempt(form))  # type: ignore[arg-type]


def _saved(request: SignedIn, channel: Channel) -> HttpResponse:
    flash(request, _("The channel {name} is saved.").format(name=channel.name))
    return HttpResponseRedirect(reverse("settings:channel", args=[channel.pk]))


def _page(request: SignedIn, channel: Channel, tried: Attempt) -> HttpResponse:
    context = {
        "channel": channel,
        "fare": fare_of(channel),
        "form": tried.form,
        "tried": tried,
        "public_url": config().public_url.rstrip("/"),
    }
    return pages.show(request, f"channels/{channel.kind}", context)


channels = for_admins(get=show_all)
channel = for_admins(get=show_one, post=change)
