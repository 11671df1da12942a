"""Signing: Standard Webhooks 1.0.0 (HMAC-SHA256), both header families, several secrets at a time."""

from __future__ import annotations

import base64
import binascii
import functools
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"
#: Signatures looked at in one header: an honest sender has one for each of its secrets.
MOST_SIGNATURES = 8
#: Ids are idempotency keys; a dot would make the signed text ambiguous.
ID = re.compile(r"[!-\-/-~]{1,190}")


class Unsigned(Exception):
    """The signature is missing, stale or of nobody that we know."""


def sign(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """One entry `v1,<base64>` of the signature header; raises ValueError for a broken secret."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return _entry(secret, signed).decode("ascii")


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


def verify(
    headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: datetime
) -> str:
    """The message id, if any signature was made with any of the secrets in time; raises Unsigned."""
    message_id, timestamp, given = _read_headers(headers)
    if abs(now.timestamp() - timestamp) > TOLERANCE_SECONDS:
        raise Unsigned("The timestamp is more than five minutes off.")
    entries = [e for e in given.encode("utf-8", "replace").split() if e.startswith(b"v1,")]
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    is_right = False
    for secret in secrets:
        right = _entry(secret, signed)
        for entry in entries[:MOST_SIGNATURES]:
            is_right |= hmac.compare_digest(right, entry)
    if not is_right:
        raise Unsigned("The signature is wrong.")
    return message_id


def standing_secrets(kept: Iterable[Mapping[str, Any]], *, now: datetime) -> list[str]:
    """The secrets that are still good: [{"secret": "whsec_…", "until": ISO time or None}]."""
    return [
        entry["secret"]
        for entry in kept
        if not entry.get("until") or datetime.fromisoformat(entry["until"]) > now
    ]


def _entry(secret: str, signed: bytes) -> bytes:
    mac = hmac.digest(_key(secret), signed, "sha256")
    return b"v1," + binascii.b2a_base64(mac, newline=False)


@functools.lru_cache(maxsize=1024)
def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a signing secret is whsec_ and base64") from None


def _read_headers(headers: Mapping[str, str]) -> tuple[str, int, str]:
    for family in ("webhook", "svix"):
        message_id = headers.get(f"{family}-id", "")
        stamp = headers.get(f"{family}-timestamp", "")
        given = headers.get(f"{family}-signature", "")
        if not (message_id and stamp and given):
            continue
        if not ID.fullmatch(message_id):
            raise Unsigned("The id must be 1 to 190 visible characters without a dot.")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise Unsigned("The timestamp must be whole seconds.")
        return message_id, int(stamp), given
    raise Unsigned("The headers webhook-id, webhook-timestamp and webhook-signature are needed.")
