"""Telling: what happened to a conversation, out of the journal, for pages and programs to tell."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from rapport.conversations.events import ConversationMerged, ConversationUnmerged
from rapport.conversations.models import Conversation
from rapport.kernel.asking import ask
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
           OR (e.kind = ANY(%(shared)s) AND (e.details ->> 'target')::bigint = %(here)s))
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
    parameters: dict[str, Any] = {"here": conversation.pk, "shared": SHARED}
    more = ""
    for condition, name, value in (
        ("e.at >= %(since)s", "since", since),
        ("e.at < %(before)s", "before", before),
        ("e.kind = ANY(%(kinds)s)", "kinds", None if kinds is None else list(kinds)),
    ):
        if value is not None:
            more += f" AND {condition}"
            parameters[name] = value
    columns = ", ".join(f"e.{name}" for name in COLUMNS)
    found = ask(STATEMENT.format(columns=columns, more=more, most=most), parameters)
    return [_entry(values) for values in reversed(found)]


def _entry(values: tuple[Any, ...]) -> Entry:
    fields = dict(zip(COLUMNS, values, strict=True))
    return Entry(**{**fields, "details": json.loads(fields["details"])})
