"""`/messages` and `/conversations/{id}/messages`: what was said, and replies."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Header, Router, Status

from rapport.conversations.replying import reply
from rapport.conversations.withdrawing import withdraw_message
from rapport.web.api.loading import conversation_for, message_for, shown_messages
from rapport.web.api.paging import cut_page
from rapport.web.api.repeating import asked_once, made_message
from rapport.web.api.shapes import (
    Limit,
    MessagePage,
    MessageShape,
    Moment,
    Number,
    ReplyShape,
    Short,
)
from rapport.web.api.signing_in import caller

router = Router(tags=["messages"])
of_conversation = Router(tags=["messages"])
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.get("", response=MessagePage, operation_id="list_messages", by_alias=True)
def list_messages(
    request: HttpRequest,
    external_id: Short | None = None,
    conversation: Number | None = None,
    direction: Literal["in", "out", "note"] | None = None,
    since: Moment | None = None,
    cursor: Short | None = None,
    limit: Limit = 50,
) -> Any:
    """Newest first; `external_id` is the Message-ID, with or without its brackets."""
    agent = caller(request, "messages:read")
    wanted = {
        "external_id": external_id.strip().strip("<>") if external_id else None,
        "conversation": conversation,
        "direction": direction,
        "recorded_at__gte": since,
    }
    rows = shown_messages(agent).filter(**{k: v for k, v in wanted.items() if v is not None})
    return cut_page(rows, by=("id",), cursor=cursor, limit=limit, shape=MessageShape.of)


@router.get("/{int:number}", response=MessageShape, operation_id="get_message", by_alias=True)
def get_message(request: HttpRequest, number: int) -> Any:
    """One message."""
    return MessageShape.of(message_for(caller(request, "messages:read"), number))


@router.delete("/{int:number}", response={204: None}, operation_id="withdraw_message")
def withdraw(request: HttpRequest, number: int) -> Any:
    """Take a reply back that has not left the house yet; 409 when it has."""
    agent = caller(request, "messages:write")
    withdraw_message(message_for(agent, number), by=agent.actor)
    return Status(204, None)


@of_conversation.get(
    "/{int:number}/messages",
    response=MessagePage,
    operation_id="list_conversation_messages",
    by_alias=True,
)
def list_of_conversation(
    request: HttpRequest, number: int, cursor: Short | None = None, limit: Limit = 50
) -> Any:
    """The messages of a conversation, oldest first."""
    agent = caller(request, "messages:read")
    conversation = conversation_for(agent, number)
    return cut_page(
        shown_messages(agent).filter(conversation=conversation),
        by=("sent_at", "id"),
        cursor=cursor,
        limit=limit,
        shape=MessageShape.of,
        newest_first=False,
    )


@of_conversation.post(
    "/{int:number}/messages", response={201: MessageShape}, operation_id="reply", by_alias=True
)
def post_reply(request: HttpRequest, number: int, body: ReplyShape, key: Key = None) -> Any:
    """Reply to the customer. 409 when something was said after `seen_message_id`."""
    agent = caller(request, "messages:write")
    message = reply(
        conversation_for(agent, number),
        by=agent.actor,
        text=body.text,
        to=body.to,
        cc=body.cc,
        bcc=body.bcc,
        subject=body.subject,
        attachments=body.attachments,
        seen_message_id=body.seen_message_id,
        anyway=body.anyway,
        due_at=body.send_at,
        undo=False,
        **asked_once(request, key, operation="reply", body=body),
    )
    return Status(201, made_message(message))
