"""Searching: the newest messages that answer a question, of those that the agent may see.

The newest buckets are asked first and wider ones only as far as needed (see `bucketing`), so that the
cost depends on the page of hits and not on how many messages match.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db import connection, transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Left

from rapport.accounts.models import Agent
from rapport.conversations.access import team_ids
from rapport.conversations.bucketing import NEAREST, Reach, scope_query, wider_reach
from rapport.conversations.models import Direction, Message
from rapport.conversations.seeing import sight_of
from rapport.kernel.asking import ask
from rapport.kernel.mail.rendering import read_words
from rapport.kernel.text.highlighting import Snippet, Span, snippet_of, spans_of
from rapport.kernel.text.querying import SearchQuery, search_query

_LOOK = """
WITH met AS MATERIALIZED (SELECT message_id FROM conversations_searchtext WHERE {met})
SELECT message_id FROM met WHERE message_id < %s ORDER BY message_id DESC LIMIT %s
"""
# The beginning of a word stands for any number of lexemes, of which the index would read every list to its
# end: it is looked for in the rows themselves, newest first, as long as that is cheaper.
_WALK = """
WITH near AS MATERIALIZED (SELECT message_id FROM conversations_searchtext WHERE {met})
SELECT (SELECT count(*) FROM near), ARRAY(
    SELECT newest.message_id
    FROM (SELECT message_id FROM near WHERE message_id < %s ORDER BY message_id DESC) newest
    JOIN LATERAL (SELECT vector FROM conversations_searchtext whole
                  WHERE whole.message_id = newest.message_id OFFSET 0) row ON row.vector @@ %s::tsquery
    LIMIT %s)
"""
_POSTINGS_PER_ROW = 8  # so many entries of the index are read in the time of one row
_SLACK = 5  # a hit may have left the agent's sight since it was indexed
_ROUNDS = 4
_LONGEST_MARKDOWN = 5_000
_LONGEST_QUOTED = 20_000
_READ = """
SELECT m.id, m.subject, m.text, m.author_name, m.direction, m.language, m.sent_at,
       c.id, c.subject, c.language, who.name
FROM conversations_message m
JOIN conversations_conversation c ON c.id = m.conversation_id
JOIN customers_customer who ON who.id = c.customer_id
WHERE m.id = ANY(%(ids)s::bigint[]) AND {sight} ORDER BY m.id DESC
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A message as a list of hits shows it, with what it shows of its conversation `C-<matter>`."""

    pk: int
    subject: str
    text: str
    author_name: str
    direction: str
    language: str
    sent_at: datetime
    matter: int
    matter_subject: str
    matter_language: str
    customer_name: str


@dataclass(frozen=True)
class Hit:
    """A message that answers the question.

    `snippet` is the line that shows most of the question, with the spans to mark: of the new words, else of
    the quoted history or the signature.
    """

    message: Found
    query: SearchQuery
    snippet: Snippet

    @cached_property
    def subject_spans(self) -> list[Span]:
        """What to mark in the subject."""
        return spans_of(self.message.subject, self.query)


def search_messages(
    agent: Agent,
    text: str,
    *,
    limit: int = 20,
    before: int | None = None,
    unfinished: bool = False,
) -> list[Hit]:
    """The newest messages (by id) that answer the question, at most `limit`, newest first.

    The next page begins `before` the id of the last hit. With `unfinished` the last word may be the
    beginning of one. A question without a word to look for has no hits.
    """
    query = search_query(text, prefix_last=unfinished)
    if not query or not agent.may_see:
        return []
    scope = [] if agent.is_lead else [scope_query(team_ids(agent), agent.pk)]
    place = before if before is not None else _last_id() + 1
    found: list[Found] = []
    for _ in range(_ROUNDS):
        asked = limit - len(found) + _SLACK
        ids = newest_ids(query, scope=scope, before=place, limit=asked)
        found += _visible(agent, ids)
        if len(found) >= limit or len(ids) < asked:
            break
        place = ids[-1]
    return _shown(found[:limit], query)


def _shown(messages: list[Found], query: SearchQuery) -> list[Hit]:
    hits = [Hit(m, query, snippet_of(_words_of(m), query)) for m in messages]
    dim = [hit.message.pk for hit in hits if not hit.snippet.spans and not hit.subject_spans]
    beside = _quoted_and_signed(dim) if dim else {}
    return [
        replace(hit, snippet=_brightest(hit, beside[hit.message.pk]))
        if hit.message.pk in beside
        else hit
        for hit in hits
    ]


def _words_of(message: Found) -> str:
    """As its reader sees them: what we write is Markdown, a stranger's words are not."""
    is_ours = message.direction != Direction.IN and len(message.text) <= _LONGEST_MARKDOWN
    return read_words(message.text) if is_ours else message.text


def _quoted_and_signed(ids: list[int]) -> dict[int, tuple[str, str]]:
    """What else of these messages is looked at: quoted history where it is news, and the signature."""
    rows = Message.objects.filter(pk__in=ids).values_list(
        "pk",
        Case(When(in_reply_to=None, then=Left("quoted", _LONGEST_QUOTED)), default=Value("")),
        "signature",
    )
    return {pk: (quoted, signature) for pk, quoted, signature in rows}


def _brightest(hit: Hit, texts: tuple[str, str]) -> Snippet:
    snippets = (snippet_of(text, hit.query) for text in texts if text)
    return next((snippet for snippet in snippets if snippet.spans), hit.snippet)


def _visible(agent: Agent, ids: list[int]) -> list[Found]:
    """The messages of these ids that the agent may see now, newest first."""
    if not ids:
        return []
    sight, parameters = sight_of(agent)
    rows = ask(_READ.format(sight=sight), {"ids": ids, **parameters})
    return [Found(*row) for row in rows]


def newest_ids(
    query: SearchQuery, *, limit: int, before: int | None = None, scope: Collection[str] = ()
) -> list[int]:
    """The newest ids below `before` that meet the question and every `tsquery` of the scope."""
    look = _newest_unfinished if query.is_unfinished else _newest
    place = _last_id() + 1 if before is None else before
    return look(query, list(scope), before=place, limit=limit)


def _newest(query: SearchQuery, scope: list[str], *, before: int, limit: int) -> list[int]:
    """The newest ids below `before` that meet the question: near buckets first, then wider."""
    conditions = [query.literal, *scope]
    reach: Reach | None = NEAREST
    while reach and reach.width(before=before) < before:
        bucket = reach.query(before=before)
        ids = _matching([bucket, *conditions], before=before, limit=limit)
        if len(ids) >= limit:
            return ids
        reach = wider_reach(reach, before=before, found=len(ids), wanted=limit)
    return _matching_anywhere(conditions, before=before, limit=limit)


def _newest_unfinished(
    query: SearchQuery, scope: list[str], *, before: int, limit: int
) -> list[int]:
    """The same for a question whose last word is a beginning: by rows while these are the fewer."""
    settled = [term.literal for term in query.positive if not term.prefix]
    reach: Reach | None = NEAREST
    while reach and reach.width(before=before) < before:
        conditions = [reach.query(before=before), *settled, *scope]
        rows, ids = _walked(conditions, query.literal, before=before, limit=limit)
        if len(ids) >= limit:
            return ids
        share = (len(ids) + 1) / max(rows, 1)
        if share * before < limit / share * _POSTINGS_PER_ROW:
            break
        reach = wider_reach(reach, before=before, found=len(ids), wanted=limit)
    return _matching_anywhere([query.literal, *scope], before=before, limit=limit)


def _walked(
    conditions: list[str], literal: str, *, before: int, limit: int
) -> tuple[int, list[int]]:
    """How many rows meet the conditions, and the newest of them that meet the question."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(_WALK, conditions), [*conditions, before, literal, limit])
        rows, ids = cursor.fetchone() or (0, [])
        return rows, ids


def _matching_anywhere(conditions: list[str], *, before: int, limit: int) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        # few match now, but the planner cannot know: a sequential scan would read every message
        cursor.execute("SET LOCAL enable_seqscan = off")
        return _matching(conditions, before=before, limit=limit)


def _matching(conditions: list[str], *, before: int, limit: int) -> list[int]:
    """One look into the index. Materialised, since the planner would walk the primary key instead."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(_LOOK, conditions), [*conditions, before, limit])
        return [row[0] for row in cursor.fetchall()]


def _sql(statement: str, conditions: list[str]) -> str:
    return statement.replace("{met}", " AND ".join(["vector @@ %s::tsquery"] * len(conditions)))


def _last_id() -> int:
    return ask("SELECT max(message_id) FROM conversations_searchtext", {})[0][0] or 0
