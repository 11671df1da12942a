"""New channels: choosing a kind, a mailbox that is tried first, a webhook whose secrets are shown once."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.channels.webhook.adding_webhooks import add_webhook
from rapport.channels.webhook.configuring import Misconfigured
from rapport.kernel.config import config
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.channel_forms import WebhookForm
from rapport.web.settings.mailboxes import attempt, begin_form


def choose(request: SignedIn) -> HttpResponse:
    """The kinds there are."""
    return pages.show(request, "channels/new", {})


def begin_mail(request: SignedIn) -> HttpResponse:
    """First the address, then a form with the servers that it most likely has."""
    address = request.GET.get("address", "").strip()
    try:
        validate_email(address)
    except ValidationError as fault:
        context = {"address": address, "fault": fault.messages[0] if address else ""}
        return pages.show(request, "channels/address", context, status=422 if address else 200)
    return pages.show(request, "channels/new_email", {"form": begin_form(address)})


def create_mail(request: SignedIn) -> HttpResponse:
    """Try it; keep it when it works, or when told to keep it anyway."""
    tried = attempt(request.POST, by=request.user.actor)
    if tried.channel is None:
        return pages.show(request, "channels/new_email", {"form": tried.form, "tried": tried})
    flash(request, _("The mailbox {name} is connected.").format(name=tried.channel.name))
    return HttpResponseRedirect(reverse("settings:channel", args=[tried.channel.pk]))


def begin_webhook(request: SignedIn) -> HttpResponse:
    """An empty form."""
    return pages.show(request, "channels/new_webhook", {"form": WebhookForm()})


def create_webhook(request: SignedIn) -> HttpResponse:
    """Add it, and show its secrets this once."""
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return pages.show(request, "channels/new_webhook", {"form": form})
    try:
        added, secrets = add_webhook(by=request.user.actor, **form.columns, **form.settings)
    except Misconfigured as fault:
        pages.refuse(form, fault, field="callback_url")
        return pages.show(request, "channels/new_webhook", {"form": form})
    context = {"channel": added, "secrets": secrets, "public_url": config().public_url.rstrip("/")}
    return pages.show(request, "channels/secrets", context, status=201)


new_channel = for_admins(get=choose)
new_mailbox = for_admins(get=begin_mail, post=create_mail)
new_webhook = for_admins(get=begin_webhook, post=create_webhook)
