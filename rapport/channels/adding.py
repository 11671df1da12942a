"""Adding a channel: one more door by which customers reach us."""

from __future__ import annotations

import base64
import secrets as randomness
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import check_admin
from rapport.accounts.models import Brand, Team
from rapport.channels.events import ChannelAdded
from rapport.channels.models import Channel
from rapport.channels.registry import kind_of
from rapport.kernel import journal
from rapport.kernel.actors import Actor
from rapport.kernel.secrets import seal


class AddressTaken(Exception):
    """There is a channel of this kind with this address already."""

    def __str__(self) -> str:
        return str(_("There is a channel of this kind with this address already."))


def add_channel(
    kind: str,
    *,
    by: Actor,
    name: str,
    address: str = "",
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
    brand: Brand | None = None,
    team: Team | None = None,
) -> Channel:
    """Add a channel; what is secret is sealed. Raises UnknownKind, AddressTaken, AdminsOnly."""
    kind_of(kind)
    try:
        with transaction.atomic():
            check_admin(by)
            channel = Channel.objects.create(
                kind=kind,
                name=name.strip()[:100] or address[:100],
                address=address.strip().lower(),
                brand=brand or Brand.objects.order_by("id").first(),
                team=team,
                config=dict(config or {}),
                sealed=seal(dict(secrets)) if secrets else "",
            )
            journal.record(ChannelAdded(by=by, channel=channel.pk, channel_kind=kind))
    except IntegrityError:
        raise AddressTaken from None
    return channel


def make_signing_secret() -> str:
    """A fresh secret for signed requests, in the form of Standard Webhooks (32 random bytes)."""
    return "whsec_" + base64.b64encode(randomness.token_bytes(32)).decode("ascii")
