"""`/tags` and `/conversations/{id}/tags`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from rapport.conversations.models import Tag
from rapport.conversations.tagging import tag_conversation, untag_conversation
from rapport.web.api.loading import conversation_for
from rapport.web.api.shapes import ConversationShape, TagShape
from rapport.web.api.signing_in import caller

router = Router(tags=["tags"])
of_conversation = Router(tags=["tags"])


@router.get("", response=list[TagShape], operation_id="list_tags")
def list_tags(request: HttpRequest) -> Any:
    """Every tag that was ever used."""
    caller(request, "conversations:read")
    return [
        TagShape(name=name) for name in Tag.objects.order_by("name").values_list("name", flat=True)
    ]


@of_conversation.post("/{int:number}/tags", response=ConversationShape, operation_id="tag")
def tag(request: HttpRequest, number: int, body: TagShape) -> Any:
    """Put a tag on; again is once."""
    agent = caller(request, "conversations:write")
    conversation = conversation_for(agent, number)
    tag_conversation(conversation, tag=body.name, by=agent.actor)
    return ConversationShape.of(conversation_for(agent, number))


@of_conversation.delete(
    "/{int:number}/tags/{name}", response=ConversationShape, operation_id="untag"
)
def untag(request: HttpRequest, number: int, name: str) -> Any:
    """Take a tag off."""
    agent = caller(request, "conversations:write")
    conversation = conversation_for(agent, number)
    untag_conversation(conversation, tag=name.replace("\x00", ""), by=agent.actor)
    return ConversationShape.of(conversation_for(agent, number))
