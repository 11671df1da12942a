"""Repeating: the same Idempotency-Key is the same request."""

from __future__ import annotations

import hashlib
from typing import Any

from rapport.accounts.models import ApiToken
from rapport.web.api.problems import Problem

LONGEST = 255


def client_key(request: Any, key: str | None) -> str:
    """The key under which a message is made once: of this token alone."""
    if not key:
        return ""
    if len(key) > LONGEST:
        raise Problem(422, "not_valid", "The Idempotency-Key is longer than 255 characters.")
    token: ApiToken = request.auth
    return hashlib.sha256(f"{token.pk}:{key}".encode("utf-8", "replace")).hexdigest()
