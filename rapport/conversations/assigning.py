"""Assigning: somebody takes care of it, or is given it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent, Team
from rapport.conversations.access import NotAllowed
from rapport.conversations.events import ConversationAssigned
from rapport.conversations.locking import Refusal, check_not_merged, locked
from rapport.conversations.models import Assignment, Conversation
from rapport.kernel import journal
from rapport.kernel.actors import Actor


class AlreadyTaken(Refusal):
    """Another agent (`owner`) was faster."""

    message = _("%(owner)s has taken this already.")

    def __init__(self, owner: Agent) -> None:
        super().__init__(owner.name)
        self.owner = owner

    def __str__(self) -> str:
        return str(self.message) % {"owner": self.owner}


class NotAssignable(Refusal):
    """Somebody who cannot work on conversations cannot be given one."""

    message = _("This person cannot work on conversations.")


def claim_conversation(conversation: Conversation, *, by: Actor) -> Assignment | None:
    """Take it for oneself where nobody has it; of two who claim at once one gets AlreadyTaken."""
    if by.kind != "agent":
        raise NotAllowed(NotAllowed.__doc__)
    with locked(conversation, by=by) as fresh:
        owner = fresh.assignee
        if owner and owner.pk != by.id:
            raise AlreadyTaken(owner)
        claimant = Agent.objects.get(pk=by.id or 0)
        return _put(fresh, agent=claimant, team=fresh.team, by=by)


def assign_to_agent(conversation: Conversation, agent: Agent, *, by: Actor) -> Assignment | None:
    """Give it to an agent, whoever has it now; its team stays. Raises NotAssignable, MergedAway."""
    with locked(conversation, by=by) as fresh:
        return _put(fresh, agent=agent, team=fresh.team, by=by)


def assign_to_team(conversation: Conversation, team: Team, *, by: Actor) -> Assignment | None:
    """Give it to a team; an assignee who does not belong to the team loses it."""
    with locked(conversation, by=by) as fresh:
        owner = fresh.assignee
        belongs = owner is not None and team.memberships.filter(agent=owner).exists()
        return _put(fresh, agent=owner if belongs else None, team=team, by=by)


def unassign_agent(conversation: Conversation, *, by: Actor) -> Assignment | None:
    """Nobody has it now; its team stays."""
    with locked(conversation, by=by) as fresh:
        return _put(fresh, agent=None, team=fresh.team, by=by)


def unassign_team(conversation: Conversation, *, by: Actor) -> Assignment | None:
    """It stands in no team's list now; its assignee stays."""
    with locked(conversation, by=by) as fresh:
        return _put(fresh, agent=fresh.assignee, team=None, by=by)


def _put(
    fresh: Conversation, *, agent: Agent | None, team: Team | None, by: Actor
) -> Assignment | None:
    """The one way in which an assignment changes: end what stood, write, record; nothing where nothing changes."""
    check_not_merged(fresh)
    standing: Assignment | None = fresh.assignments.standing().first()
    agent_id, team_id = (agent.pk if agent else None), (team.pk if team else None)
    if (fresh.assignee_id, fresh.team_id) == (agent_id, team_id):
        return standing
    if agent is not None and agent_id != fresh.assignee_id:
        _check_assignable(agent)
    before_agent, before_team = fresh.assignee_id, fresh.team_id
    fresh.assignments.standing().update(**Assignment.ended_now(by))
    made = None
    if agent or team:
        made = Assignment.objects.create(
            conversation=fresh, agent=agent, team=team, **Assignment.done_by(by)
        )
    fresh.assignee, fresh.team = agent, team
    fresh.save(update_fields=["assignee", "team"])
    journal.record(
        ConversationAssigned(
            by=by,
            conversation=fresh.pk,
            team=team_id or 0,
            left_team=(before_team or 0) if before_team != team_id else None,
            agent=agent_id,
            before_agent=before_agent,
            before_team=before_team,
        )
    )
    return made


def _check_assignable(agent: Agent) -> None:
    fresh = Agent.objects.filter(pk=agent.pk).first()
    if fresh is None or not fresh.may_work:
        raise NotAssignable
