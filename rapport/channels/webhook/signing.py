"""Signing: Standard Webhooks 1.0.0 (HMAC-SHA256), both header families, several secrets at a time."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rapport.kernel.net.signing import PREFIX, entry_of, sign, sign_headers

__all__ = ["PREFIX", "Unsigned", "sign", "sign_headers", "standing_secrets", "verify"]

TOLERANCE_SECONDS = 300
#: Signatures looked at in one header: an honest sender has one for each of its secrets.
MOST_SIGNATURES = 8
#: Ids are idempotency keys; a dot would make the signed text ambiguous.
ID = re.compile(r"[!-\-/-~]{1,190}")


class Unsigned(Exception):
    """The signature is missing, stale or of nobody that we know."""


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
        right = entry_of(secret, signed)
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
