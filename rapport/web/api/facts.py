"""`/conversations/{id}/solution`, `/snooze`, `/priority`, `/spam`: facts, made and ended."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from rapport.conversations.marking_spam import mark_spam, unmark_spam
from rapport.conversations.models import Conversation
from rapport.conversations.prioritising import prioritise_conversation
from rapport.conversations.reopening import reopen_conversation
from rapport.conversations.snoozing import snooze_conversation, wake_conversation
from rapport.conversations.solving import solve_conversation
from rapport.web.api.loading import conversation_for
from rapport.web.api.shapes import ConversationShape, PriorityShape, SnoozeShape
from rapport.web.api.signing_in import caller

router = Router(tags=["facts"])


@router.put("/{int:number}/solution", response=ConversationShape, operation_id="solve")
def solve(request: HttpRequest, number: int) -> Any:
    """Solve it; again is the same solution."""
    agent = caller(request, "conversations:write")
    conversation = conversation_for(agent, number)
    solve_conversation(conversation, by=agent.actor)
    return _fresh(agent, conversation)


@router.delete("/{int:number}/solution", response=ConversationShape, operation_id="reopen")
def reopen(request: HttpRequest, number: int) -> Any:
    """Reopen it."""
    agent = caller(request, "conversations:write")
    conversation = conversation_for(agent, number)
    reopen_conversation(conversation, by=agent.actor)
    return _fresh(agent, conversation)


@router.put("/{int:number}/snooze", response=ConversationShape, operation_id="snooze")
def snooze(request: HttpRequest, number: int, body: SnoozeShape) -> Any:
    """Let it sleep until a time to come."""
    agent = caller(request, "conversations:write")
    conversation = conversation_for(agent, number)
    snooze_conversation(conversation, until=body.until, by=agent.actor)
    return _fresh(agent, conversation)


@router.delete("/{int:number}/snooze", response=ConversationShape, operation_id="wake")
def wake(request: HttpRequest, number: int) -> Any:
    """Wake it now."""
    agent = caller(request, "conversations:write")
    conversation = conversation_for(agent, number)
    wake_conversation(conversation, by=agent.actor)
    return _fresh(agent, conversation)


@router.put("/{int:number}/priority", response=ConversationShape, operation_id="prioritise")
def prioritise(request: HttpRequest, number: int, body: PriorityShape) -> Any:
    """Say how pressing it is: 1 low to 4 urgent."""
    agent = caller(request, "conversations:write")
    conversation = conversation_for(agent, number)
    prioritise_conversation(conversation, priority=body.priority, by=agent.actor)
    return _fresh(agent, conversation)


@router.put("/{int:number}/spam", response=ConversationShape, operation_id="mark_spam")
def put_spam(request: HttpRequest, number: int) -> Any:
    """Mark it as spam."""
    agent = caller(request, "conversations:write")
    conversation = conversation_for(agent, number)
    mark_spam(conversation, by=agent.actor)
    return _fresh(agent, conversation)


@router.delete("/{int:number}/spam", response=ConversationShape, operation_id="unmark_spam")
def delete_spam(request: HttpRequest, number: int) -> Any:
    """Take the mark off."""
    agent = caller(request, "conversations:write")
    conversation = conversation_for(agent, number)
    unmark_spam(conversation, by=agent.actor)
    return _fresh(agent, conversation)


def _fresh(agent: Any, conversation: Conversation) -> ConversationShape:
    return ConversationShape.of(conversation_for(agent, conversation.pk))
