"""`/messages/{id}/writer`: who or what wrote it, in the word of a person; made and ended."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from rapport.conversations.judging import judge_message, take_judgement_back
from rapport.web.api.loading import message_for
from rapport.web.api.shapes import MessageShape
from rapport.web.api.signing_in import caller

router = Router(tags=["messages"])


class WriterShape(Schema):
    """A person (`human`), a machine that answers (`auto_reply`), or one that writes to many (`bulk`)."""

    kind: Literal["human", "auto_reply", "bulk"]


@router.put(
    "/{int:number}/writer", response=MessageShape, operation_id="judge_writer", by_alias=True
)
def judge(request: HttpRequest, number: int, body: WriterShape) -> Any:
    """Say who wrote it where its headers mislead; again is the same judgement."""
    agent = caller(request, "messages:write")
    judge_message(message_for(agent, number), kind=body.kind, by=agent.actor)
    return MessageShape.of(message_for(agent, number))


@router.delete(
    "/{int:number}/writer", response=MessageShape, operation_id="unjudge_writer", by_alias=True
)
def take_back(request: HttpRequest, number: int) -> Any:
    """Take that back: it is again what was decided before."""
    agent = caller(request, "messages:write")
    take_judgement_back(message_for(agent, number), by=agent.actor)
    return MessageShape.of(message_for(agent, number))
