"""Telling: what happened to a conversation, out of the journal, for pages and programs to tell."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from rapport.conversations.events import (
    ConversationMerged,
    ConversationUnmerged,
    MessageReceived,
    MessageSent,
    NoteWritten,
)
from rapport.conversations.models import Conversation
from rapport.kernel.asking import Question, ask
from rapport.kernel.journal.models import Entry

MOST = 200
#: News of other conversations that is news of the one which they went into, too.
SHARED = [ConversationMerged.kind, ConversationUnmerged.kind]
COLUMNS = (
    *("id", "era", "xid", "kind", "subject_kind", "subject_id", "streams"),
    *("by_kind", "by_id", "by_name", "at", "recorded_at", "details"),
)
# Collected before it is sorted: else the planner may read the whole journal backwards for the newest ones.
STATEMENT = """
WITH told AS MATERIALIZED (
    SELECT {columns} FROM journal_entry e
    WHERE e.subject_kind = 'conversation'
      AND e.subject_id = ANY(%(here)s::bigint || ARRAY(
          SELECT source_id FROM conversations_merge WHERE target_id = %(here)s
          ORDER BY id DESC LIMIT {most}))
      AND (e.subject_id = %(here)s
           OR (e.kind = ANY(%(shared)s::text[]) AND (e.details ->> 'target')::bigint = %(here)s))
      {more}
)
SELECT * FROM told ORDER BY id DESC LIMIT {most}
"""


def tell_happenings(
    conversation: Conversation,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    kinds: Collection[str] | None = None,
    most: int = MOST,
) -> list[Entry]:
    """Its newest journal entries in their order, and those of the merges into it; always one query.

    `since` is counted in, `before` is not; both are times of the outside world (`Entry.at`). `kinds` are
    those that are wanted; None for all.
    """
    question = happenings_question(conversation, since=since, before=before, kinds=kinds, most=most)
    return [_entry(values) for values in reversed(ask(*question))]


def happenings_question(
    conversation: Conversation,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    kinds: Collection[str] | None = None,
    most: int = MOST,
) -> Question:
    """What `tell_happenings` asks."""
    parameters: dict[str, Any] = {"here": conversation.pk, "shared": _array_of(SHARED)}
    more = ""
    for condition, name, value in (
        ("e.at >= %(since)s", "since", since),
        ("e.at < %(before)s", "before", before),
        ("e.kind = ANY(%(kinds)s::text[])", "kinds", None if kinds is None else _array_of(kinds)),
    ):
        if value is not None:
            more += f" AND {condition}"
            parameters[name] = value
    columns = ", ".join(f"e.{name}" for name in COLUMNS)
    return Question(STATEMENT.format(columns=columns, more=more, most=most), parameters)


def _array_of(kinds: Collection[str]) -> str:
    """As PostgreSQL writes it: psycopg takes longer for the two dozen names than for all other parameters."""
    return "{" + ",".join(kinds) + "}"


class Moment(NamedTuple):
    """The place of something in a timeline: rank 0 is a message, 1 a journal entry."""

    at: datetime
    rank: int
    id: int


#: What is a message itself, and needs no event beside it.
SPOKEN = [MessageReceived.kind, MessageSent.kind, NoteWritten.kind]
IN_ORDER = """
SELECT * FROM (
    (SELECT m.sent_at AS at, 0 AS rank, m.id FROM conversations_message m
     WHERE m.conversation_id = %(here)s AND m.withdrawn_at IS NULL
       AND (%(at)s::timestamptz IS NULL
            OR (m.sent_at, 0, m.id) > (%(at)s::timestamptz, %(rank)s::int, %(id)s::bigint))
     ORDER BY m.sent_at, m.id LIMIT %(most)s)
    UNION ALL
    (SELECT e.at, 1, e.id FROM journal_entry e
     WHERE e.subject_kind = 'conversation' AND e.kind <> ALL(%(spoken)s)
       AND e.subject_id = ANY(%(here)s::bigint || ARRAY(
           SELECT source_id FROM conversations_merge WHERE target_id = %(here)s
           ORDER BY id DESC LIMIT {most}))
       AND (e.subject_id = %(here)s
            OR (e.kind = ANY(%(shared)s::text[]) AND (e.details ->> 'target')::bigint = %(here)s))
       AND (%(at)s::timestamptz IS NULL
            OR (e.at, 1, e.id) > (%(at)s::timestamptz, %(rank)s::int, %(id)s::bigint))
     ORDER BY e.at, e.id LIMIT %(most)s)
) AS told ORDER BY at, rank, id LIMIT %(most)s
"""


def tell_in_order(conversation: Conversation, *, after: Moment | None, most: int) -> list[Moment]:
    """The next moments of its timeline behind `after`, oldest first: messages, notes and happenings."""
    parameters: dict[str, Any] = {
        "here": conversation.pk,
        "spoken": SPOKEN,
        "shared": SHARED,
        "most": most,
        "at": after.at if after else None,
        "rank": after.rank if after else 0,
        "id": after.id if after else 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(IN_ORDER.format(most=MOST), parameters)
        return [Moment(*values) for values in cursor.fetchall()]


def _entry(values: tuple[Any, ...]) -> Entry:
    fields = dict(zip(COLUMNS, values, strict=True))
    return Entry(**{**fields, "details": json.loads(fields["details"])})
