"""Indexing: every message becomes findable shortly after it was said, by following the journal.

Mended from row one by `journal.rereading.rebuild("conversations.search")`; what stands is found meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec
from django.db import connection
from psycopg import Cursor

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
from rapport.conversations.models import SearchText
from rapport.kernel import journal
from rapport.kernel.journal.models import Entry
from rapport.kernel.text.detecting import detect_language
from rapport.kernel.text.tokenizing import LONGEST_TEXT
from rapport.kernel.text.vectoring import search_vector

FOLLOWER = "conversations.search"

#: Characters from which on a text tells its language well enough to leave other word forms out.
_TELLING = 120

_WRITE = """
INSERT INTO conversations_searchtext AS old (message_id, vector, scope)
SELECT new.message, new.vector::tsvector, new.scope
FROM unnest(%b::bigint[], %b::text[], %b::text[]) AS new (message, vector, scope)
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
_READ = """
SELECT message.id, message.subject, message.author_name, message.addresses,
       left(message.text, %s), left(message.signature, %s), message.language,
       -- what is quoted in an answer stands as a message of its own already
       CASE WHEN message.in_reply_to_id IS NULL THEN left(message.quoted, %s) ELSE '' END,
       coalesce(customer.name, ''), conversation.team_id, conversation.assignee_id,
       ARRAY(SELECT name FROM conversations_attachment file
             WHERE file.message_id = message.id ORDER BY file.id)
FROM conversations_message message
JOIN conversations_conversation conversation ON conversation.id = message.conversation_id
LEFT JOIN customers_customer customer ON customer.id = message.customer_id
WHERE message.id = ANY(%s) AND message.withdrawn_at IS NULL
ORDER BY message.id
"""


class Spoken(NamedTuple):
    """What of a message makes it findable; names are of its writer, its customer and its files."""

    id: int
    subject: str
    author: str
    addresses: str
    text: str
    signature: str
    language: str
    quoted: str
    customer: str
    team_id: int | None
    assignee_id: int | None
    files: list[str]


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
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_READ, [LONGEST_TEXT] * 3 + [sorted(ids)])
        standing = [Spoken(*row) for row in cursor.fetchall()]
    gone = set(ids) - {message.id for message in standing}
    if gone:
        SearchText.objects.filter(pk__in=gone).delete()
    _write([(message.id, *vector_of(message)) for message in standing])


def place_conversations(ids: Collection[int]) -> None:
    """Let the messages of these conversations be found by whoever may see them now."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_PLACE, [sorted(ids)])


def vector_of(message: Spoken) -> tuple[str, str]:
    """The `tsvector` literal of a message, and the part of it that says whose it is."""
    scope = scope_marks(message.team_id, message.assignee_id)
    body = f"{message.text}\n\n{message.signature}"
    vector = search_vector(
        {
            "A": message.subject,
            "B": "\n".join(dict.fromkeys(filter(None, _names_of(message)))),
            "C": body,
            "D": message.quoted,
        },
        language=_language_of(message, body),
        marks=[*bucket_marks(message.id), *scope],
    )
    return vector, " ".join(scope)


def _language_of(message: Spoken, body: str) -> str:
    """Whose word forms to index: of a few words those of every language, they are often mixed."""
    if len(body) < _TELLING:
        return ""
    return message.language or detect_language(body)


def _names_of(message: Spoken) -> Iterator[str]:
    """The people of a message and the names of its files."""
    yield message.author
    yield message.customer
    addresses = msgspec.json.decode(message.addresses)
    for people in addresses.values() if isinstance(addresses, dict) else ():
        for person in people if isinstance(people, list) else [people]:
            if isinstance(person, dict):
                yield str(person.get("name", ""))
                yield str(person.get("address", ""))
    yield from message.files


def _write(rows: Sequence[tuple[int, str, str]]) -> None:
    """Bound by the server and sent as bytes: quoting a vector costs as much as making it."""
    if rows:
        with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
            cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])
