"""Indexing: every message becomes findable shortly after it was said, by following the journal.

Rebuilt from row one by `journal.following.rebuild("conversations.search")`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from rapport.conversations.bucketing import bucket_marks, scope_marks
from rapport.conversations.events import (
    ConversationAssigned,
    ConversationMerged,
    ConversationRejoined,
    ConversationSplit,
    ConversationUnmerged,
    MessageMoved,
    MessageReceived,
    MessageRedacted,
    MessageSent,
    MessageWithdrawn,
    NoteWritten,
)
from rapport.conversations.models import Message, SearchText
from rapport.kernel import journal
from rapport.kernel.journal.models import Entry
from rapport.kernel.text.detecting import detect_language
from rapport.kernel.text.vectoring import search_vector

FOLLOWER = "conversations.search"

_WRITE = """
INSERT INTO conversations_searchtext AS old (message_id, vector, scope)
SELECT new.message, new.vector::tsvector, new.scope
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (message, vector, scope)
JOIN conversations_message message ON message.id = new.message
ON CONFLICT (message_id) DO UPDATE SET vector = excluded.vector, scope = excluded.scope
WHERE old.vector <> excluded.vector
"""
_PLACE = """
UPDATE conversations_searchtext old
SET vector = ts_delete(old.vector, string_to_array(old.scope, ' ')) || new.scope::tsvector,
    scope = new.scope
FROM (
    SELECT message.id, concat_ws(' ', '#t' || coalesce(c.team_id, 0), '#a' || c.assignee_id) AS scope
    FROM conversations_message message
    JOIN conversations_conversation c ON c.id = message.conversation_id
    WHERE c.id = ANY(%s)
) new
WHERE old.message_id = new.id AND old.scope <> new.scope
"""
_READ = ("subject", "author_name", "addresses", "text", "quoted", "signature", "language")


def _forget() -> None:
    SearchText.objects.all().delete()


@journal.follow(
    FOLLOWER,
    MessageReceived,
    MessageSent,
    NoteWritten,
    MessageWithdrawn,
    MessageRedacted,
    MessageMoved,
    ConversationAssigned,
    ConversationMerged,
    ConversationUnmerged,
    ConversationSplit,
    ConversationRejoined,
    rest=0.2,
    forget=_forget,
)
def index_news(entries: Sequence[Entry]) -> None:
    """Index the messages that the news is about, then put those of moved conversations in place."""
    details = [entry.details for entry in entries]
    index_messages({detail["message"] for detail in details if "message" in detail})
    moved = [detail for detail in details if "message" not in detail]
    place_conversations({detail[k] for detail in moved for k in _PLACES if detail.get(k)})


_PLACES = ("conversation", "target", "made")


def index_messages(ids: Collection[int]) -> None:
    """Make these messages findable by what they say now; withdrawn ones are found no more."""
    messages = list(
        Message.objects.filter(pk__in=ids)
        .select_related("conversation", "customer")
        .prefetch_related("attachments")
        .only(
            *_READ,
            "withdrawn_at",
            "in_reply_to_id",
            "customer__name",
            "conversation__team_id",
            "conversation__assignee_id",
        )
    )
    standing = [message for message in messages if message.withdrawn_at is None]
    gone = set(ids) - {message.pk for message in standing}
    SearchText.objects.filter(pk__in=gone).delete()
    _write({message.pk: vector_of(message) for message in standing})


def place_conversations(ids: Collection[int]) -> None:
    """Let the messages of these conversations be found by whoever may see them now."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_PLACE, [sorted(ids)])


def vector_of(message: Message) -> tuple[str, str]:
    """The `tsvector` literal of a message, and the part of it that says whose it is."""
    conversation = message.conversation
    scope = scope_marks(conversation.team_id, conversation.assignee_id)
    body = f"{message.text}\n\n{message.signature}"
    vector = search_vector(
        {
            "A": message.subject,
            "B": "\n".join(_once(_names_of(message))),
            "C": body,
            # what is quoted in an answer stands as a message of its own already
            "D": "" if message.in_reply_to_id else message.quoted,
        },
        language=message.language or detect_language(body),
        marks=[*bucket_marks(message.pk), *scope],
    )
    return vector, " ".join(scope)


def _names_of(message: Message) -> Iterator[str]:
    """The people of a message and the names of its files."""
    yield message.author_name
    if message.customer:
        yield message.customer.name
    for people in message.addresses.values():
        for person in people if isinstance(people, list) else [people]:
            if isinstance(person, dict):
                yield str(person.get("name", ""))
                yield str(person.get("address", ""))
    for attachment in message.attachments.all():
        yield attachment.name


def _write(vectors: dict[int, tuple[str, str]]) -> None:
    if not vectors:
        return
    columns: list[list[Any]] = [
        list(vectors),
        [vector for vector, _ in vectors.values()],
        [scope for _, scope in vectors.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, columns)


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))
