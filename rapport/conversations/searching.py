"""Searching: the newest messages that answer a question, of those that the agent may see.

A page costs about the same however long the history is and however many match: see `looking_back`. Where that
does not fill it, it says how far back was looked.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import Case, Value, When
from django.db.models.functions import Left

from rapport.accounts.models import Agent
from rapport.conversations.access import team_ids
from rapport.conversations.bucketing import scope_query
from rapport.conversations.filtering import Asked
from rapport.conversations.looking_back import ORDINARY, Budget, LookingBack
from rapport.conversations.models import Direction, Message
from rapport.conversations.seeing import sight_of
from rapport.kernel.asking import ask
from rapport.kernel.mail.rendering import read_words
from rapport.kernel.text.highlighting import Snippet, Span, snippet_of, spans_of
from rapport.kernel.text.querying import SearchQuery, search_query

_SLACK = 5  # a hit may have left the agent's sight since it was indexed
_CAME_IN = "SELECT recorded_at FROM conversations_message WHERE id >= %(place)s ORDER BY id LIMIT 1"
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


_HISTORY = """
SELECT near.id FROM (
    SELECT m.id FROM conversations_conversation c
    JOIN conversations_message m ON m.conversation_id = c.id
    WHERE c.customer_id = %(customer)s AND c.state <> 'merged'
    ORDER BY m.id DESC LIMIT 5000
) near JOIN conversations_searchtext s ON s.message_id = near.id
WHERE s.vector @@ %(asked)s::tsquery ORDER BY near.id DESC LIMIT %(limit)s
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


class SearchPage(NamedTuple):
    """Some hits, newest first.

    `after` is where the next page begins, or None when everything was looked at. `since` is set where the
    page ends before it is full, because looking further would have taken too long: all that came in since
    then was looked at, and there may be older hits.
    """

    hits: list[Hit]
    after: int | None = None
    since: datetime | None = None


def search_messages(
    agent: Agent,
    text: str,
    *,
    limit: int = 20,
    before: int | None = None,
    budget: Budget = ORDINARY,
    within: Asked | None = None,
) -> SearchPage:
    """The newest messages (by id) that answer the question, of conversations that meet `within`, at most `limit`.

    The next page begins `before` the `after` of this one; so each hit comes once, though a page may be short
    or empty and others follow. A question without a word to look for has no hits.
    """
    query = search_query(text)
    if not query or not agent.may_see:
        return SearchPage([])
    scope = [] if agent.is_lead else [scope_query(team_ids(agent), agent.pk)]
    newest = _newest()
    place = newest + 1 if before is None else min(before, newest + 1)
    back = LookingBack(query, scope, place, newest, budget)
    found: list[Found] = []
    while len(found) <= limit and not back.is_over:
        found += _visible(agent, back.look(limit + 1 - len(found) + _SLACK), within)
    hits = _shown(found[:limit], query)
    if len(found) > limit:
        return SearchPage(hits, found[limit - 1].pk)
    if back.is_at_the_end:
        return SearchPage(hits)
    return SearchPage(hits, back.place, _came_in(back.place))


def search_history(agent: Agent, customer: int, text: str, *, limit: int = 50) -> list[Hit]:
    """The newest messages of one customer's conversations that answer the question.

    It looks at what was said with them (their last 5,000 messages), not at the index of everything.
    """
    query = search_query(text)
    if not query or not agent.may_see:
        return []
    rows = ask(_HISTORY, {"customer": customer, "asked": query.literal, "limit": limit + _SLACK})
    return _shown(_visible(agent, [number for (number,) in rows])[:limit], query)


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


def _visible(agent: Agent, ids: list[int], within: Asked | None = None) -> list[Found]:
    """The messages of these ids that the agent may see now, and that are asked for, newest first."""
    if not ids:
        return []
    sight, parameters = sight_of(agent)
    if within:
        sight, parameters = f"{sight} AND {within.where}", {**parameters, **within.parameters}
    rows = ask(_READ.format(sight=sight), {"ids": ids, **parameters})
    return [Found(*row) for row in rows]


def newest_ids(
    query: SearchQuery, *, limit: int, scope: Collection[str] = (), budget: Budget = ORDINARY
) -> list[int]:
    """The newest ids that meet the question and every `tsquery` of the scope, as far as the budget goes."""
    newest = _newest()
    back = LookingBack(query, scope, newest + 1, newest, budget)
    ids: list[int] = []
    while len(ids) < limit and not back.is_over:
        ids += back.look(limit - len(ids))
    return ids


def _newest() -> int:
    return ask("SELECT max(message_id) FROM conversations_searchtext", {})[0][0] or 0


def _came_in(place: int) -> datetime | None:
    """When the oldest message came in of those from an id on."""
    rows = ask(_CAME_IN, {"place": place})
    return rows[0][0] if rows else None
