"""Joining teams: a team is named, and agents come and go."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from rapport.accounts.access import check_admin
from rapport.accounts.events import TeamJoined, TeamLeft, TeamNamed
from rapport.accounts.models import Agent, Membership, Team
from rapport.accounts.queueing import one_at_a_time
from rapport.accounts.refusing import NameTaken
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def name_team(team: Team | None, *, name: str, by: Actor) -> Team:
    """Make a team, or give one another name. Raises NameTaken, AdminsOnly."""
    name = " ".join(name.split())[:100]
    with transaction.atomic():
        check_admin(by)
        one_at_a_time("team names")
        if Team.objects.filter(name__iexact=name).exclude(pk=team.pk if team else 0).exists():
            raise NameTaken
        if team is None:
            team = Team.objects.create(name=name)
        elif team.name == name:
            return team
        else:
            Team.objects.filter(pk=team.pk).update(name=name)
            team.name = name
        journal.record(TeamNamed(by=by, number=team.pk, name=name))
    return team


def join_team(agent: Agent, team: Team, *, by: Actor) -> None:
    """Let an agent belong to a team; twice is once."""
    with transaction.atomic():
        check_admin(by)
        _membership, is_new = Membership.objects.get_or_create(agent=agent, team=team)
        if is_new:
            journal.record(TeamJoined(by=by, agent=agent.pk, team=team.pk))


def leave_team(agent: Agent, team: Team, *, by: Actor) -> None:
    """Let an agent leave a team; what they own stays theirs."""
    with transaction.atomic():
        check_admin(by)
        if Membership.objects.filter(agent=agent, team=team).delete()[0]:
            journal.record(TeamLeft(by=by, agent=agent.pk, team=team.pk))


def set_members(team: Team, agents: Iterable[Agent], *, by: Actor) -> None:
    """Let exactly these agents belong to a team. Raises AdminsOnly."""
    wanted = {agent.pk: agent for agent in agents}
    with transaction.atomic():
        check_admin(by)
        Team.objects.select_for_update().get(pk=team.pk)
        here = {agent.pk: agent for agent in team.agents.all()}
        for number in sorted(here.keys() - wanted.keys()):
            leave_team(here[number], team, by=by)
        for number in sorted(wanted.keys() - here.keys()):
            join_team(wanted[number], team, by=by)
