"""`/conversations/{id}/assignment`: who takes care of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from rapport.accounts.models import Agent, Team
from rapport.conversations.assigning import (
    assign_to_agent,
    assign_to_team,
    unassign_agent,
    unassign_team,
)
from rapport.web.api.loading import conversation_for, one_of
from rapport.web.api.problems import Problem
from rapport.web.api.shapes import AssignmentShape, ConversationShape
from rapport.web.api.signing_in import caller

router = Router(tags=["assignments"])


@router.put("/{int:number}/assignment", response=ConversationShape, operation_id="assign")
def assign(request: HttpRequest, number: int, body: AssignmentShape) -> Any:
    """Give it to an agent or a team."""
    caller_agent = caller(request, "conversations:write")
    conversation = conversation_for(caller_agent, number)
    if (body.agent is None) == (body.team is None):
        raise Problem(422, "not_valid", "Name either an agent or a team.")
    if body.agent is not None:
        owner = one_of(Agent.objects.filter(is_active=True), body.agent)
        assign_to_agent(conversation, owner, by=caller_agent.actor)
    else:
        team = one_of(Team.objects.all(), body.team or 0)
        assign_to_team(conversation, team, by=caller_agent.actor)
    return ConversationShape.of(conversation)


@router.delete("/{int:number}/assignment", response=ConversationShape, operation_id="unassign")
def unassign(request: HttpRequest, number: int) -> Any:
    """Take it off its agent and its team."""
    caller_agent = caller(request, "conversations:write")
    conversation = conversation_for(caller_agent, number)
    unassign_agent(conversation, by=caller_agent.actor)
    unassign_team(conversation, by=caller_agent.actor)
    return ConversationShape.of(conversation)
