"""Adding a webhook channel with everything that the other side needs to know, shown once."""

from __future__ import annotations

from django.db import transaction

from rapport.accounts.models import Brand, Team
from rapport.channels.adding import add_channel
from rapport.channels.models import Channel
from rapport.channels.webhook.setting_up import Credentials, issue_credentials, make_config
from rapport.kernel.actors import Actor


def add_webhook(
    *,
    by: Actor,
    name: str,
    callback_url: str = "",
    identify_by: str = "email",
    vouches: bool = False,
    per_minute: int | None = None,
    brand: Brand | None = None,
    team: Team | None = None,
) -> tuple[Channel, Credentials]:
    """A channel and its first credentials, in one commit. Raises Misconfigured, AdminsOnly."""
    config = make_config(
        callback_url=callback_url,
        identify_by=identify_by,
        vouches=vouches,
        per_minute=per_minute,
    )
    with transaction.atomic():
        channel = add_channel("webhook", by=by, name=name, config=config, brand=brand, team=team)
        return channel, issue_credentials(channel)
