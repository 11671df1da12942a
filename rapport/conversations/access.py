"""Access: who may see a conversation, and who may change it.

Admins and leads see all. Agents and viewers see what belongs to no team, to a team of theirs, or to themselves.
Viewers change nothing; somebody without a role sees nothing.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from rapport.accounts.models import Agent
from rapport.conversations.models import Conversation, State
from rapport.conversations.models.conversation import ConversationQuerySet
from rapport.kernel.actors import Actor


class NotAllowed(PermissionDenied):
    """You may not do this here."""


def visible_to(agent: Agent) -> ConversationQuerySet:
    """The conversations that this agent may see."""
    conversations: ConversationQuerySet = Conversation.objects.exclude(state=State.SIDE)
    if not agent.may_see:
        return conversations.none()
    if agent.is_lead:
        return conversations
    teams = team_ids(agent)
    return conversations.filter(Q(team=None) | Q(team__in=teams) | Q(assignee=agent))


def may_see(agent: Agent, conversation: Conversation) -> bool:
    """The rule of `visible_to` for somebody who is at hand."""
    if not agent.may_see or agent.is_lead:
        return agent.may_see
    if conversation.team_id is None or conversation.assignee_id == agent.pk:
        return True
    return conversation.team_id in team_ids(agent)


def sides_visible_to(agent: Agent) -> ConversationQuerySet:
    """What was asked aside, of the conversations that this agent may see; it stands on no list of its own."""
    sides: ConversationQuerySet = Conversation.objects.filter(state=State.SIDE)
    return sides.filter(beside__in=visible_to(agent).values("pk"))


def team_ids(agent: Agent) -> list[int]:
    """The ids of the agent's teams; small, so they are sent as values (and may have been read along)."""
    if agent.known_teams is not None:
        return agent.known_teams
    return [membership.team_id for membership in agent.memberships.all()]


def streams_of(agent: Agent) -> list[str]:
    """The live list streams that the agent may subscribe to ("inbox:*" for those who see all)."""
    if not agent.may_see:
        return []
    if agent.is_lead:
        return ["inbox:*", f"agent:{agent.pk}"]
    return ["inbox:0", *(f"inbox:{team}" for team in team_ids(agent)), f"agent:{agent.pk}"]


def check_may_work(by: Actor, conversation: Conversation) -> None:
    """Raise NotAllowed unless the actor may change this conversation.

    Customers, rules, assistants and the system act through abilities that are theirs alone; for agents
    role and sight are read afresh, so that a role taken away a second ago counts.
    """
    agent = check_may_start(by)
    if agent is None:
        return
    conversation = conversation.beside or conversation
    if agent.is_lead or conversation.assignee_id == agent.pk or conversation.team_id is None:
        return
    if conversation.team_id not in team_ids(agent):
        raise NotAllowed(NotAllowed.__doc__)


def check_may_start(by: Actor) -> Agent | None:
    """Raise NotAllowed for an agent who may not work at all; returns the agent, None for other actors."""
    if by.kind != "agent":
        return None
    agent = Agent.objects.filter(pk=by.id or 0).first()
    if agent is None or not agent.may_work:
        raise NotAllowed(NotAllowed.__doc__)
    return agent


def check_may_see(by: Actor, conversation: Conversation) -> None:
    """Raise NotAllowed unless the actor may read this conversation."""
    if by.kind != "agent":
        return
    agent = Agent.objects.filter(pk=by.id or 0).first()
    if agent is None or not visible_to(agent).filter(pk=conversation.pk).exists():
        raise NotAllowed(NotAllowed.__doc__)
