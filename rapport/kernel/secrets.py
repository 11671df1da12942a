"""Secrets at rest: encrypted with a key derived from the deployment's own, never logged."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from rapport.kernel.config import config


class SecretUnreadable(Exception):
    """This secret was sealed with another secret key; enter it again, or restore the key."""


def derive_key(purpose: str) -> bytes:
    """32 bytes for one purpose, so that no two uses share a key (HMAC-SHA256 of the secret key)."""
    return hmac.new(config().secret_key.encode(), purpose.encode(), hashlib.sha256).digest()


@functools.cache
def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive_key("secrets at rest")))


def seal(value: dict[str, Any]) -> str:
    """Encrypt a small dict of secrets into text for a column."""
    return _box().encrypt(json.dumps(value).encode()).decode("ascii")


def unseal(sealed: str) -> dict[str, Any]:
    """The dict that was sealed; an empty text is an empty dict; raises SecretUnreadable."""
    if not sealed:
        return {}
    try:
        opened: dict[str, Any] = json.loads(_box().decrypt(sealed.encode("ascii")))
    except InvalidToken:
        raise SecretUnreadable(SecretUnreadable.__doc__) from None
    return opened
