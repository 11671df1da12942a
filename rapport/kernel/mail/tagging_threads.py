"""Tagging threads: signs in addresses and Message-IDs that we gave out, and that nobody can forge.

A sign proves that its bearer holds a mail of the conversation, not who they are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

_TOKEN = re.compile(r"(?<![a-z0-9])c([1-9]\d{0,18})-([a-z2-7]{16})(?![a-z0-9])", re.I)
_OWN_ID = re.compile(r"<?([a-z2-7]{16})\.c([1-9]\d{0,18})\.m([1-9]\d{0,18})\.([a-z2-7]{16})@", re.I)
_LONGEST_LOCAL_PART = 64


def reply_token(secret: str | bytes, conversation_id: int) -> str:
    """The sign of a conversation: `c10423-gueztxq266x4fqov`. Lower case, safe in an address."""
    return f"c{conversation_id}-{_seal(secret, f'c:{conversation_id}')}"


def conversation_in_token(secret: str | bytes, token: str) -> int | None:
    """The conversation that `token` was issued for; None when we did not issue it."""
    found = _TOKEN.fullmatch(token.strip())
    if not found:
        return None
    is_ours = hmac.compare_digest(_seal(secret, f"c:{found[1]}"), found[2].lower())
    return int(found[1]) if is_ours else None


def make_message_id(
    secret: str | bytes, *, conversation_id: int, message_id: int, domain: str
) -> str:
    """A new Message-ID, without brackets, in which we recognise our own message later.

    It has a random part: ask once, store it, and send every retry with the stored one.
    """
    random = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    body = f"{random}.c{conversation_id}.m{message_id}"
    return f"{body}.{_seal(secret, f'm:{body}')}@{domain}"


def conversation_in_message_id(secret: str | bytes, message_id: str) -> int | None:
    """The conversation of a Message-ID that we made; None when we did not make it."""
    found = _read_own_id(secret, message_id)
    return found[0] if found else None


def message_in_message_id(secret: str | bytes, message_id: str) -> int | None:
    """The message of a Message-ID that we made; None when we did not make it."""
    found = _read_own_id(secret, message_id)
    return found[1] if found else None


def tag_address(address: str, token: str) -> str:
    """`support@example.org` with the token as plus tag; untagged when it would grow too long."""
    local, at, domain = address.rpartition("@")
    tagged = f"{local}+{token}"
    return f"{tagged}@{domain}" if at and len(tagged) <= _LONGEST_LOCAL_PART else address


def untag_address(address: str) -> str:
    """The address without a token of ours in it; any other plus tag stays."""
    local, at, domain = address.rpartition("@")
    return re.sub(rf"\+{_TOKEN.pattern}", "", local, flags=re.I) + at + domain


def tokens_in_addresses(addresses: Iterable[str]) -> tuple[str, ...]:
    """Everything in the local parts that looks like a token, in order, lower case, not yet proven."""
    found = (
        match[0].lower()
        for address in addresses
        for match in _TOKEN.finditer(address.rpartition("@")[0])
    )
    return tuple(dict.fromkeys(found))


def conversations_in_addresses(secret: str | bytes, addresses: Iterable[str]) -> tuple[int, ...]:
    """The conversations that the addresses prove by tokens of ours, in order, each once."""
    found = (conversation_in_token(secret, token) for token in tokens_in_addresses(addresses))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _read_own_id(secret: str | bytes, message_id: str) -> tuple[int, int] | None:
    found = _OWN_ID.match(message_id.strip())
    if not found:
        return None
    body = f"{found[1]}.c{found[2]}.m{found[3]}".lower()
    is_ours = hmac.compare_digest(_seal(secret, f"m:{body}"), found[4].lower())
    return (int(found[2]), int(found[3])) if is_ours else None


def _seal(secret: str | bytes, text: str) -> str:
    """80 bits of HMAC-SHA256 as 16 letters that survive case folding."""
    key = secret.encode() if isinstance(secret, str) else secret
    digest = hmac.new(key, text.encode("ascii"), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()
