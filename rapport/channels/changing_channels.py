"""Changing channels: another name, brand, team, server or password. What is secret goes in and never out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from rapport.accounts.access import check_admin
from rapport.channels.adding import AddressTaken
from rapport.channels.events import ChannelChanged
from rapport.channels.models import Channel
from rapport.kernel import journal
from rapport.kernel.actors import Actor
from rapport.kernel.secrets import SecretUnreadable, seal

FIELDS = ("name", "address", "brand", "team")


def change_channel(
    channel: Channel,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
) -> tuple[str, ...]:
    """Change fields, settings and secrets; returns the names of what is different now.

    Settings and secrets that are not named stay. Raises AddressTaken, AdminsOnly.
    """
    try:
        with transaction.atomic():
            check_admin(by)
            fresh = Channel.objects.select_for_update().get(pk=channel.pk)
            changed = _change_fields(fresh, changes) + _change_config(fresh, config or {})
            changed += _change_secrets(fresh, secrets or {})
            if changed:
                fresh.save(update_fields=[*FIELDS, "config", "sealed"])
                journal.record(ChannelChanged(by=by, channel=fresh.pk, changed=tuple(changed)))
    except IntegrityError:
        raise AddressTaken from None
    channel.refresh_from_db()
    return tuple(changed)


def _change_fields(fresh: Channel, changes: Mapping[str, Any]) -> list[str]:
    wanted = {name: changes[name] for name in FIELDS if name in changes}
    if "address" in wanted:
        wanted["address"] = wanted["address"].strip().lower()
    changed = [name for name, value in wanted.items() if getattr(fresh, name) != value]
    for name in changed:
        setattr(fresh, name, wanted[name])
    return changed


def _change_config(fresh: Channel, config: Mapping[str, Any]) -> list[str]:
    changed = [name for name, value in config.items() if fresh.config.get(name) != value]
    fresh.config = {**fresh.config, **config}
    return changed


def _change_secrets(fresh: Channel, secrets: Mapping[str, Any]) -> list[str]:
    """Secrets that nobody can open any more are replaced by what is given now."""
    try:
        kept = fresh.secrets
    except SecretUnreadable:
        kept = {}
    changed = [name for name, value in secrets.items() if kept.get(name) != value]
    if changed:
        fresh.sealed = seal({**kept, **secrets})
    return changed
