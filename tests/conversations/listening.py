"""Listening: what the journal holds of a conversation."""

from __future__ import annotations

from rapport.conversations.models import Conversation
from rapport.kernel.journal.models import Entry


def kinds_of(conversation: Conversation) -> list[str]:
    """What happened to it, without the room's name, in order."""
    entries = Entry.objects.filter(subject_kind="conversation", subject_id=conversation.pk)
    return [e.kind.removeprefix("conversations.") for e in entries.order_by("pk")]


def last_entry() -> Entry:
    entry = Entry.objects.order_by("pk").last()
    assert entry is not None
    return entry
