"""Signing in: the secrets by which a channel's servers know it, with a token that is still good.

With OAuth the channel keeps a refresh token; access tokens are fetched with it five minutes before they
end, by one process at a time, and kept sealed on the channel.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import transaction

from rapport.channels.models import Channel
from rapport.kernel import clock
from rapport.kernel.net.calling import Answer, call
from rapport.kernel.secrets import seal

log = logging.getLogger("rapport.channels")
EARLY = timedelta(minutes=5)
#: So young, a token that is refused would be refused again.
NEW = timedelta(minutes=1)
#: Where the great providers give out tokens.
TOKEN_URLS = {
    "google": "https://oauth2.googleapis.com/token",
    "microsoft": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
}
#: The provider's words for "no longer", as opposed to "not now".
FINAL = frozenset(
    {"invalid_grant", "invalid_client", "unauthorized_client", "interaction_required"}
)


class SignInLost(Exception):
    """The provider no longer lets us in; somebody must connect the mailbox anew."""


class SignInLater(Exception):
    """The provider gives out no token just now; nothing is wrong with ours."""


def secrets_of(channel: Channel) -> dict[str, Any]:
    """The opened secrets, their access token fresh. Raises SecretUnreadable, SignInLost, SignInLater."""
    secrets = channel.secrets
    if channel.config.get("auth") != "xoauth2" or not secrets.get("refresh_token"):
        return secrets
    if _is_fresh(secrets):
        return secrets
    with transaction.atomic():
        locked = Channel.objects.select_for_update().get(pk=channel.pk)
        secrets = locked.secrets
        if not _is_fresh(secrets):
            secrets = {**secrets, **fetch_token(secrets)}
            locked.sealed = seal(secrets)
            locked.save(update_fields=["sealed"])
    channel.sealed = locked.sealed
    return secrets


def forget_token(channel: Channel) -> bool:
    """The server does not take the access token that we hold: the next sign-in fetches another.

    False where another would not help: it is a minute old at most, or nobody gives out others.
    """
    with transaction.atomic():
        locked = Channel.objects.select_for_update().get(pk=channel.pk)
        secrets = locked.secrets
        since = secrets.get("access_token_since")
        is_new = since and datetime.fromisoformat(str(since)) > clock.now() - NEW
        if locked.config.get("auth") != "xoauth2" or not secrets.get("refresh_token") or is_new:
            return False
        locked.sealed = seal({**secrets, "access_token": "", "access_token_ends": ""})
        locked.save(update_fields=["sealed"])
    channel.sealed = locked.sealed
    return True


def _is_fresh(secrets: Mapping[str, Any]) -> bool:
    ends = secrets.get("access_token_ends")
    if not secrets.get("access_token") or not ends:
        return False
    return datetime.fromisoformat(str(ends)) - EARLY > clock.now()


def fetch_token(secrets: Mapping[str, Any]) -> dict[str, str]:
    """A fresh access token out of the refresh token. Raises SignInLost, SignInLater."""
    url = secrets.get("token_url") or TOKEN_URLS.get(str(secrets.get("provider_name")), "")
    if not url:
        raise SignInLost("token_url: the mailbox does not say where its tokens come from")
    form = {
        "grant_type": "refresh_token",
        "refresh_token": secrets["refresh_token"],
        "client_id": secrets.get("client_id", ""),
        "client_secret": secrets.get("client_secret", ""),
    }
    try:
        answer = call(
            "POST",
            str(url),
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode({name: value for name, value in form.items() if value}).encode(),
        )
    except Exception as error:
        raise SignInLater(str(error)) from error
    return _read_token(answer)


def _read_token(answer: Answer) -> dict[str, str]:
    try:
        told = json.loads(answer.body)
        if not isinstance(told, dict):
            raise TypeError("not an object")
    except (ValueError, TypeError):
        raise SignInLater(f"HTTP {answer.status}") from None
    if answer.status != 200 or not told.get("access_token"):
        words = str(told.get("error_description") or told.get("error") or answer.status)[:300]
        raise (SignInLost if told.get("error") in FINAL else SignInLater)(words)
    lasts = timedelta(seconds=int(told.get("expires_in") or 3600))
    kept = {
        "access_token": str(told["access_token"]),
        "access_token_ends": (clock.now() + lasts).isoformat(),
        "access_token_since": clock.now().isoformat(),
    }
    if told.get("refresh_token"):
        kept["refresh_token"] = str(told["refresh_token"])
    return kept
