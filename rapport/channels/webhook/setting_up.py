"""Setting up: making the secrets of a webhook channel, turning them over, and seeing what is amiss."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from rapport.channels.models import Channel
from rapport.channels.webhook.configuring import (
    Misconfigured,
    WebhookConfig,
    add_signing_secret,
    hash_token,
    make_signing_secret,
    make_token,
    read_config,
)
from rapport.channels.webhook.signing import standing_secrets
from rapport.kernel import clock
from rapport.kernel.config import config
from rapport.kernel.net.guarding import Forbidden, Unresolved, find_target
from rapport.kernel.secrets import SecretUnreadable, seal


@dataclass(frozen=True, slots=True)
class Credentials:
    """Shown once to the person who sets the other side up; the token is kept as a hash only."""

    signing_secret: str = ""
    token: str = ""


def make_config(
    *,
    callback_url: str = "",
    identify_by: str = "email",
    vouches: bool = False,
    per_minute: int | None = None,
) -> dict[str, object]:
    """A checked `Channel.config`; raises Misconfigured."""
    given: dict[str, object] = {
        "callback_url": callback_url,
        "identify_by": identify_by,
        "vouches": vouches,
        "per_minute": per_minute or 0,
    }
    if callback_url:
        try:
            find_target(callback_url, allowed=config().net_allow)
        except Forbidden as error:
            raise Misconfigured(str(error)) from None
        except Unresolved:
            pass  # the name may come to life later; the health check tells
    read_config(given)
    return dict(given)


def issue_credentials(channel: Channel) -> Credentials:
    """Give a channel its first secret and token, or new ones; older secrets are good for another day.

    The older token ends at once. The caller records that the channel has changed.
    """
    secret, token = make_signing_secret(), make_token()
    with transaction.atomic():
        locked = Channel.objects.select_for_update().get(pk=channel.pk)
        kept = add_signing_secret(locked.secrets, secret, now=clock.now())
        locked.sealed = seal({**kept, "token_hash": hash_token(token)})
        locked.save(update_fields=["sealed"])
    channel.sealed = locked.sealed
    return Credentials(secret, token)


def rotate_signing_secret(channel: Channel) -> Credentials:
    """A new signing secret; both are good for a day, and what we send is signed with both."""
    secret = make_signing_secret()
    with transaction.atomic():
        locked = Channel.objects.select_for_update().get(pk=channel.pk)
        locked.sealed = seal(add_signing_secret(locked.secrets, secret, now=clock.now()))
        locked.save(update_fields=["sealed"])
    channel.sealed = locked.sealed
    return Credentials(signing_secret=secret)


def check_health(channel: Channel) -> list[str]:
    """What is amiss with the channel, each as a sentence; empty when nothing is. Calls nobody."""
    try:
        settings, secrets = read_config(channel.config), channel.secrets
    except (Misconfigured, SecretUnreadable) as error:
        return [str(error)]
    amiss = []
    if not standing_secrets(secrets.get("signing", ()), now=clock.now()):
        amiss.append("There is no signing secret: hooks are refused and nothing can be sent.")
    return amiss + _check_callback(settings)


def _check_callback(settings: WebhookConfig) -> list[str]:
    if not settings.callback_url:
        return ["There is no callback address: replies cannot be sent."]
    try:
        find_target(settings.callback_url, allowed=config().net_allow)
    except (Forbidden, Unresolved) as error:
        return [f"The callback address cannot be called: {error}."]
    return []
