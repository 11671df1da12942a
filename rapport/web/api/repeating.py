"""Repeating: the same Idempotency-Key is the same request."""

from __future__ import annotations

import hashlib
from typing import Any, TypedDict

from ninja import Schema

from rapport.accounts.models import ApiToken
from rapport.conversations.models import Message
from rapport.conversations.repeating import fingerprint_of
from rapport.web.api.loading import with_parts
from rapport.web.api.problems import Problem
from rapport.web.api.shapes import MessageShape

LONGEST = 255


class Asked(TypedDict):
    """What an ability needs to know a request again."""

    client_key: str
    fingerprint: str


def asked_once(request: Any, key: str | None, *, operation: str, body: Schema) -> Asked:
    """The key under which a message is made once, of this token alone, and what all of the request comes to."""
    if not key:
        return {"client_key": "", "fingerprint": ""}
    if len(key) > LONGEST:
        raise Problem(422, "not_valid", "The Idempotency-Key is longer than 255 characters.")
    token: ApiToken = request.auth
    known = hashlib.sha256(f"{token.pk}:{key}".encode("utf-8", "replace")).hexdigest()
    whole = {"operation": operation, "body": body.model_dump(mode="json")}
    return {"client_key": known, "fingerprint": fingerprint_of(whole)}


def made_message(message: Message) -> MessageShape:
    """The answer to who made it: the same again after it was taken back, or moved out of the caller's sight."""
    return MessageShape.of(with_parts(Message.objects.all()).get(pk=message.pk))
