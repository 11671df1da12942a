"""Signing what we send, as Standard Webhooks 1.0.0 says: HMAC-SHA256 of id, time and body."""

from __future__ import annotations

import base64
import binascii
import functools
import hmac
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"


def sign(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """One entry `v1,<base64>` of the signature header; raises ValueError for a broken secret."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return entry_of(secret, signed).decode("ascii")


def sign_headers(
    secrets: Iterable[str], *, message_id: str, now: datetime, body: bytes
) -> dict[str, str]:
    """The three headers of a request of ours, with one signature for each secret."""
    timestamp = int(now.timestamp())
    entries = [
        sign(secret, message_id=message_id, timestamp=timestamp, body=body) for secret in secrets
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(entries),
    }


def entry_of(secret: str, signed: bytes) -> bytes:
    """The entry for these bytes; raises ValueError for a broken secret."""
    mac = hmac.digest(_key(secret), signed, "sha256")
    return b"v1," + binascii.b2a_base64(mac, newline=False)


@functools.lru_cache(maxsize=1024)
def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a signing secret is whsec_ and base64") from None
