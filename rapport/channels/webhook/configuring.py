"""Configuring: what a webhook channel knows of the other side, out of its `config` and its secrets."""

from __future__ import annotations

import base64
import hashlib
import secrets as randomness
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from rapport.channels.webhook.signing import PREFIX
from rapport.kernel.secrets import derive_key

#: How long the older secret is good after a rotation.
OVERLAP = timedelta(hours=24)
TOKEN_PREFIX = "rct_"  # noqa: S105


class Misconfigured(Exception):
    """The channel's settings are wrong; the message says which and how."""


class WebhookConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`Channel.config` of a webhook channel. Without `callback_url` nothing can be sent."""

    callback_url: str = ""
    #: What makes a contact the same customer: their mail address or phone, as on other channels, or the other
    #: system's own id, which is nobody's on another channel.
    identify_by: Literal["email", "external_id"] = "email"
    #: Whether the other system has checked that its contacts are who they say.
    vouches: bool = False
    #: Messages that it may bring in a minute, to each process that takes them; 0 is without limit.
    per_minute: Annotated[int, msgspec.Meta(ge=0)] = 0


def read_config(config: Mapping[str, Any]) -> WebhookConfig:
    """The typed settings; unknown keys are ignored; raises Misconfigured."""
    try:
        return msgspec.convert(dict(config), WebhookConfig)
    except msgspec.ValidationError as error:
        raise Misconfigured(str(error)) from None


def make_signing_secret() -> str:
    """A new secret for signatures, as Standard Webhooks writes them."""
    return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode("ascii")


def make_token() -> str:
    """A new bearer token for the API."""
    return TOKEN_PREFIX + randomness.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_signing_secret(
    kept: Mapping[str, Any], secret: str, *, now: datetime, overlap: timedelta = OVERLAP
) -> dict[str, Any]:
    """The channel's secrets with a new one; the others are good for `overlap` more, those that ended go."""
    until = (now + overlap).isoformat()
    older = [
        {**entry, "until": entry.get("until") or until}
        for entry in kept.get("signing", ())
        if not entry.get("until") or datetime.fromisoformat(entry["until"]) > now
    ]
    return {**kept, "signing": [{"secret": secret, "until": None}, *older]}


def thread_key(public_id: str) -> bytes:
    """The key of the conversation tokens that are given to this channel and to no other."""
    return derive_key(f"webhook threads of {public_id}")
