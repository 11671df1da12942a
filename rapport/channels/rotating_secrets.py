"""Rotating secrets: a hook gets another address, a webhook another signing secret or token."""

from __future__ import annotations

from django.db import transaction

from rapport.accounts.access import check_admin
from rapport.channels.events import SecretRotated
from rapport.channels.models import Channel
from rapport.channels.models.channel import make_hook_secret
from rapport.channels.webhook.setting_up import (
    Credentials,
    issue_credentials,
    rotate_signing_secret,
)
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def rotate_hook(channel: Channel, *, by: Actor) -> None:
    """Give its hook another address; the old one takes nothing any more, at once. Raises AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        fresh = Channel.objects.select_for_update().get(pk=channel.pk)
        fresh.hook_secret = make_hook_secret()
        fresh.save(update_fields=["hook_secret"])
        journal.record(SecretRotated(by=by, channel=fresh.pk, what="hook"))
    channel.hook_secret = fresh.hook_secret


def rotate_signing(channel: Channel, *, by: Actor) -> Credentials:
    """A new signing secret, shown this once; the old one is good for another day. Raises AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        credentials = rotate_signing_secret(channel)
        journal.record(SecretRotated(by=by, channel=channel.pk, what="signing"))
    return credentials


def rotate_all(channel: Channel, *, by: Actor) -> Credentials:
    """A new signing secret and a new token, which ends the old token at once. Raises AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        credentials = issue_credentials(channel)
        journal.record(SecretRotated(by=by, channel=channel.pk, what="token"))
    return credentials
