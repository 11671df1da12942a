"""Mailboxes: trying one for real before it is kept, in words that a person can act upon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.channels.adding import AddressTaken, add_channel
from rapport.channels.breaking import repair_channel
from rapport.channels.changing_channels import change_channel
from rapport.channels.email.setting_up import Step, check_credentials, guess_config, is_fine
from rapport.channels.email.signing_in import SignInLater, SignInLost, fetch_token
from rapport.channels.models import Channel, ChannelState
from rapport.kernel.actors import Actor
from rapport.kernel.secrets import SecretUnreadable
from rapport.web.settings.channel_forms import MailForm, initial_of

#: Seconds for each server while somebody waits before the page.
PATIENCE = 10.0


@dataclass
class Attempt:
    """What came of a form that was sent: the steps that were tried, and the channel once it is kept."""

    form: MailForm
    steps: Sequence[Step] = ()
    channel: Channel | None = None

    @property
    def is_fine(self) -> bool:
        return is_fine(list(self.steps))


def begin_form(address: str) -> MailForm:
    """A form for an address, with the servers that it most likely has."""
    guessed = guess_config(address)
    name = address.partition("@")[0].capitalize()
    provider = {"provider_name": "microsoft"} if guessed["auth"] == "xoauth2" else {}
    return MailForm(initial={**guessed, **provider, "address": address, "name": name})


def attempt(data: Any, *, by: Actor, channel: Channel | None = None) -> Attempt:
    """Try the servers; keep the channel when all is well, or when told to keep it anyway.

    `do` in the data is "check" (only try), "keep" (keep if it works) or "anyway".
    """
    form = MailForm(data, initial=initial_of(channel) if channel else None)
    form.is_new = channel is None
    tried = Attempt(form)
    if not form.is_valid():
        return tried
    wish = data.get("do", "keep")
    if wish != "anyway":
        tried.steps = _try(form, channel)
    if wish == "anyway" or (wish == "keep" and tried.is_fine):
        try:
            tried.channel = _keep(form, channel, by=by, is_proved=wish == "keep")
        except AddressTaken as refusal:
            form.add_error("address", str(refusal))
    return tried


def _try(form: MailForm, channel: Channel | None) -> list[Step]:
    """Both servers, with what is known and what was given now; OAuth fetches a token first."""
    secrets = {**known_secrets(channel), **form.secrets}
    if form.settings["auth"] == "xoauth2" and secrets.get("refresh_token"):
        try:
            secrets |= fetch_token(secrets)
        except (SignInLost, SignInLater) as fault:
            return [Step(_("Get a token from the provider"), False, str(fault))]
    return check_credentials({**form.settings, "timeout": PATIENCE}, secrets)


def known_secrets(channel: Channel | None) -> dict[str, Any]:
    """The channel's secrets; none where nobody can open them any more."""
    try:
        return channel.secrets if channel else {}
    except SecretUnreadable:
        return {}


def _keep(form: MailForm, channel: Channel | None, *, by: Actor, is_proved: bool) -> Channel:
    columns, settings, secrets = form.columns, form.settings, form.secrets
    if channel is None:
        return add_channel("email", by=by, config=settings, secrets=secrets, **columns)
    with transaction.atomic():
        change_channel(channel, columns, by=by, config=settings, secrets=secrets)
        if is_proved and channel.state == ChannelState.BROKEN:
            repair_channel(channel, by=by)
    return channel
