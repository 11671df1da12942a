"""`/search`: the messages that answer a question."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from rapport.conversations.looking_back import ORDINARY, PATIENT
from rapport.conversations.searching import SearchPage, search_messages
from rapport.web.api.filtering import asked_by
from rapport.web.api.loading import shown_messages
from rapport.web.api.paging import open_cursor, seal_cursor
from rapport.web.api.shapes import HitPage, HitShape, Limit, MessageShape, Short
from rapport.web.api.signing_in import caller

router = Router(tags=["search"])


@router.get("", response=HitPage, operation_id="search_messages", by_alias=True)
def search(request: HttpRequest, q: Short, cursor: Short | None = None, limit: Limit = 20) -> Any:
    """The newest messages that answer the question, as the search field of the inbox finds them.

    `q` may hold conditions beside the words: `is:open from:dora@example.com`.
    A page may be short or empty and yet have a `next`: then the search has come as far back as `searched_to`.
    """
    agent = caller(request, "messages:read")
    before = int(open_cursor(cursor, 1)[0]) if cursor else None
    budget = PATIENT if cursor else ORDINARY
    within, words = asked_by(agent, q)
    page = search_messages(agent, words, limit=limit, before=before, budget=budget, within=within)
    rows = shown_messages(agent).in_bulk([hit.message.pk for hit in page.hits])
    return {
        "items": [
            HitShape(message=MessageShape.of(rows[hit.message.pk]), snippet=hit.snippet.text)
            for hit in page.hits
            if hit.message.pk in rows
        ],
        "next": _next(page),
        "searched_to": page.since,
    }


def _next(page: SearchPage) -> str | None:
    return None if page.after is None else seal_cursor([page.after])
