"""Live: which streams a page hears, from where on, and where it fetches what changed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse

from rapport.accounts.models import Agent
from rapport.conversations.access import streams_of
from rapport.conversations.models import Conversation
from rapport.kernel import clock
from rapport.kernel.journal.positions import START, Position
from rapport.kernel.live.tickets import make_ticket
from rapport.web.inbox.shelves import Shelf

NOW = """SELECT era, xid, id FROM journal_entry
         WHERE xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
         ORDER BY era DESC, xid DESC, id DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Live:
    """What the page's `live-updates` element is told."""

    ticket: str
    streams: str
    since: str
    updates: str


def live_of(
    agent: Agent, *, shelf: Shelf, conversation: Conversation | None = None, since: str = ""
) -> Live:
    """For a page with a shelf and perhaps a conversation; take it before the rows are read.

    What happens while they are read is then fetched once more, never missed.
    """
    streams = streams_of(agent)
    query = {"shelf": shelf.name}
    if conversation is not None:
        streams = [*streams, f"conversation:{conversation.pk}"]
        query |= {"conversation": str(conversation.pk)}
    if since:
        query |= {"from": since}
    return Live(
        ticket=make_ticket(agent.pk, streams, now=clock.now(), name=agent.name),
        streams=" ".join(streams),
        since=str(position_now()),
        updates=f"{reverse('inbox:updates')}?{urlencode(query)}",
    )


def position_now() -> Position:
    """The last entry behind which nothing that is still being written can appear."""
    with connection.cursor() as cursor:
        cursor.execute(NOW)
        row = cursor.fetchone()
    return Position(*row) if row else START
