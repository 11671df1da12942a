"""Signing in: the secrets by which a channel's servers know it, with a token that is still good."""

from __future__ import annotations

from typing import Any

from rapport.channels.models import Channel


class SignInLost(Exception):
    """The provider no longer lets us in; somebody must connect the mailbox anew."""


def secrets_of(channel: Channel) -> dict[str, Any]:
    """The opened secrets; raises SecretUnreadable, SignInLost."""
    return channel.secrets
