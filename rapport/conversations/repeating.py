"""Repeating: the same request under the same key is the same message, and another request is none of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.conversations.locking import Refusal
from rapport.conversations.models import ClientRequest, Conversation, Direction, Message
from rapport.kernel.secrets import derive_key


class KeyTaken(Refusal):
    """Under this key something else was sent: to answer with it would lose what is asked for now."""

    message = _(
        "This was sent already, with other words, people or files. Look at it; if you mean this, too, send it."
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose request it is (`key`: of a form or client; empty asks nothing) and what it is made of (`fingerprint`).

    Without a fingerprint only the words tell one request from another.
    """

    key: str = ""
    fingerprint: str = ""


def fingerprint_of(request: Mapping[str, Any]) -> str:
    """A request in 64 characters; keyed, so that nobody guesses a secret in it who reads the database."""
    canonical = json.dumps(request, sort_keys=True, ensure_ascii=True).encode("ascii")
    return hmac.new(derive_key("fingerprints of requests"), canonical, hashlib.sha256).hexdigest()


def standing_message(
    fresh: Conversation, asked: Asked, *, text: str, direction: str = Direction.OUT
) -> Message | None:
    """The message that this request has made in the locked conversation, if any. Raises KeyTaken."""
    if not asked.key:
        return None
    made = ClientRequest.objects.filter(conversation=fresh, client_key=asked.key)
    known = made.select_related("message").first()
    standing = (
        known.message
        if known
        else Message.objects.filter(conversation=fresh, client_key=asked.key).first()
    )
    if standing is None:
        return None
    check_same(
        standing,
        asked,
        text=text,
        direction=direction,
        fingerprint=known.fingerprint if known else "",
    )
    return standing


def check_same(
    standing: Message,
    asked: Asked,
    *,
    text: str,
    direction: str = Direction.OUT,
    fingerprint: str = "",
) -> None:
    """Raise KeyTaken where the standing message is not the one that is asked for.

    Where the words alone must tell, a secret that was taken out since counts as said.
    """
    if fingerprint and asked.fingerprint:
        is_same = fingerprint == asked.fingerprint
    else:
        is_same = standing.text == text or standing.redactions.exists()
    if standing.direction != direction or not is_same:
        raise KeyTaken


def keep_request(message: Message, asked: Asked) -> None:
    """Remember, in the commit of the message, what was asked for."""
    if asked.key:
        ClientRequest.objects.create(
            conversation_id=message.conversation_id,
            client_key=asked.key,
            fingerprint=asked.fingerprint,
            message=message,
        )
