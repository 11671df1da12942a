"""Granting tokens: keys for programs. The secret is shown once; only its hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from rapport.accounts.access import check_self_or_admin
from rapport.accounts.events import TokenGranted, TokenRevoked
from rapport.accounts.models import Agent, ApiToken
from rapport.accounts.refusing import UnknownScope
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor

SCOPES = (
    "conversations:read",
    "conversations:write",
    "messages:read",
    "messages:write",
    "customers:read",
    "customers:write",
    "envelopes:read",
    "envelopes:write",
    "*",
)
FORM = re.compile(r"rpt_(\d{1,18})_([A-Za-z0-9_-]{40,64})")
#: How fresh `used_at` is kept; writing it at each request would make reading cost a write.
USED_EVERY = timedelta(minutes=5)


def grant_token(
    agent: Agent,
    *,
    name: str,
    scopes: Sequence[str],
    by: Actor,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token that sees what the agent sees; returns it and its text, shown this once.

    Raises UnknownScope, AdminsOnly.
    """
    if not scopes or set(scopes) - set(SCOPES):
        raise UnknownScope
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        check_self_or_admin(by, Agent.objects.select_for_update().get(pk=agent.pk))
        token = ApiToken.objects.create(
            agent=agent,
            name=name.strip()[:100],
            secret_hash=_hash(secret),
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
            **ApiToken.done_by(by),
        )
        journal.record(
            TokenGranted(
                by=by,
                agent=agent.pk,
                token=token.pk,
                name=token.name,
                scopes=tuple(token.scopes),
            )
        )
    return token, f"rpt_{token.pk}_{secret}"


def revoke_token(token: ApiToken, *, by: Actor) -> None:
    """End a token at once; ending it twice is once."""
    with transaction.atomic():
        fresh = ApiToken.objects.select_for_update().get(pk=token.pk)
        check_self_or_admin(by, fresh.agent)
        if fresh.ended_at is not None:
            return
        ApiToken.objects.filter(pk=fresh.pk).update(**ApiToken.ended_now(by))
        journal.record(TokenRevoked(by=by, agent=fresh.agent_id, token=fresh.pk))


def verify_token(text: str) -> ApiToken | None:
    """The token whose text this is, with its agent; None when it is none, ended, or too old."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        return None
    token = ApiToken.objects.select_related("agent").filter(pk=int(found[1])).first()
    known = token.secret_hash if token else _hash("nobody")
    if not hmac.compare_digest(known, _hash(found[2])) or token is None:
        return None
    now = clock.now()
    if token.ended_at or (token.expires_at and token.expires_at <= now) or not token.agent.may_see:
        return None
    if token.used_at is None or now - token.used_at > USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
    return token


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
