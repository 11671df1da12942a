"""`/conversations`: lists and single ones."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from rapport.web.api.filtering import narrow_rows
from rapport.web.api.loading import conversation_for, shown_conversations
from rapport.web.api.paging import cut_page
from rapport.web.api.shapes import ConversationPage, ConversationShape, Limit, Moment, Number, Short
from rapport.web.api.signing_in import caller

router = Router(tags=["conversations"])


@router.get("", response=ConversationPage, operation_id="list_conversations")
def list_conversations(
    request: HttpRequest,
    state: Literal["open", "snoozed", "solved", "spam", "merged"] | None = None,
    assignee: Number | None = None,
    team: Number | None = None,
    customer: Number | None = None,
    tag: Short | None = None,
    since: Moment | None = None,
    q: Short | None = None,
    cursor: Short | None = None,
    limit: Limit = 50,
) -> Any:
    """Newest first. Every filter may be combined with the others; `q` takes conditions as the inbox does."""
    agent = caller(request, "conversations:read")
    wanted = {
        "state": state,
        "assignee": assignee,
        "team": team,
        "customer": customer,
        "tags__name__iexact": tag,
        "last_message_at__gte": since,
    }
    rows = shown_conversations(agent).filter(**{k: v for k, v in wanted.items() if v is not None})
    if q:
        rows = narrow_rows(rows, q, agent=agent)
    return cut_page(
        rows, by=("last_message_at", "id"), cursor=cursor, limit=limit, shape=ConversationShape.of
    )


@router.get("/{int:number}", response=ConversationShape, operation_id="get_conversation")
def get_conversation(request: HttpRequest, number: int) -> Any:
    """One conversation."""
    return ConversationShape.of(conversation_for(caller(request, "conversations:read"), number))
