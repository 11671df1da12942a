"""Recognising: the secret behind the signs that we put into reply addresses and Message-IDs."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from rapport.kernel.mail.tagging_threads import (
    conversation_in_message_id,
    conversations_in_addresses,
)
from rapport.kernel.secrets import derive_key


@functools.cache
def thread_secret() -> bytes:
    """Signs threads; every process of the deployment derives the same."""
    return derive_key("mail threads")


@functools.cache
def loop_marker() -> str:
    """Stands in the loop header of every mail that we send, so that we know our own when it comes back."""
    return derive_key("mail loops").hex()[:24]


def proved_conversations(addresses: Iterable[str], message_ids: Iterable[str]) -> list[int]:
    """The conversations that a mail proves to have come from, reply addresses first."""
    secret = thread_secret()
    found = list(conversations_in_addresses(secret, addresses))
    for message_id in message_ids:
        number = conversation_in_message_id(secret, message_id)
        if number is not None:
            found.append(number)
    return list(dict.fromkeys(found))
