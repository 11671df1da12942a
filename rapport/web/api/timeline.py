"""`/conversations/{id}/timeline`: all that was said and done, in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from rapport.conversations.telling import Moment, tell_in_order
from rapport.kernel.journal.models import Entry
from rapport.web.api.loading import conversation_for, shown_messages
from rapport.web.api.paging import open_cursor, seal_cursor
from rapport.web.api.shapes import Limit, MessageShape, Short
from rapport.web.api.signing_in import caller

router = Router(tags=["conversations"])


class ActorShape(Schema):
    """Who did it; the system has no id."""

    kind: str
    id: int | None
    name: str


class EventShape(Schema):
    """A row of the journal, as the list of events describes it."""

    id: int
    kind: str
    by: ActorShape
    details: dict[str, Any]

    @staticmethod
    def of(entry: Entry) -> EventShape:
        by = ActorShape(kind=entry.by_kind, id=entry.by_id, name=entry.by_name)
        return EventShape(id=entry.pk, kind=entry.kind, by=by, details=entry.details)


class HappeningShape(Schema):
    """Either a message or an event; `at` is when it happened for the outside world."""

    type: Literal["message", "event"]
    at: datetime
    message: MessageShape | None
    event: EventShape | None


class TimelinePage(Schema):
    items: list[HappeningShape]
    next: str | None


@router.get(
    "/{int:number}/timeline", response=TimelinePage, operation_id="get_timeline", by_alias=True
)
def get_timeline(
    request: HttpRequest, number: int, cursor: Short | None = None, limit: Limit = 50
) -> Any:
    """Messages, notes and events, oldest first."""
    agent = caller(request, "conversations:read")
    caller(request, "messages:read")
    conversation = conversation_for(agent, number)
    after = Moment(*open_cursor(cursor, 3, begins_with_time=True)) if cursor else None
    found = tell_in_order(conversation, after=after, most=limit + 1)
    told = found[:limit]
    messages = shown_messages(agent).in_bulk([m.id for m in told if m.rank == 0])
    entries = Entry.objects.in_bulk([m.id for m in told if m.rank == 1])
    # What was taken back since the places were read is left out.
    items = [
        _shape(moment, row)
        for moment in told
        if (row := (messages, entries)[moment.rank].get(moment.id)) is not None
    ]
    more = len(found) > limit
    return {"items": items, "next": seal_cursor(list(told[-1])) if more else None}


def _shape(moment: Moment, row: Any) -> HappeningShape:
    if moment.rank == 0:
        shape = MessageShape.of(row)
        return HappeningShape(type="message", at=moment.at, message=shape, event=None)
    return HappeningShape(type="event", at=moment.at, message=None, event=EventShape.of(row))
