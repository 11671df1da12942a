"""Changing roles: what somebody may do, from now on. The last admin stays one."""

from __future__ import annotations

from django.db import transaction

from rapport.accounts.access import check_admin
from rapport.accounts.events import AgentDeactivated, AgentReactivated, RoleChanged
from rapport.accounts.models import Agent, Role
from rapport.accounts.refusing import LastAdmin
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def change_role(agent: Agent, *, role: str, by: Actor) -> None:
    """Give another role. Raises LastAdmin, AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        fresh = _locked(agent)
        before, wanted = fresh.role, Role(role).value
        if before == wanted:
            return
        _check_admin_remains(fresh)
        Agent.objects.filter(pk=fresh.pk).update(role=wanted)
        journal.record(RoleChanged(by=by, agent=fresh.pk, role=wanted, before=before))
    agent.role = wanted


def deactivate_agent(agent: Agent, *, by: Actor) -> None:
    """Close the door to somebody; what they wrote stays. Raises LastAdmin, AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        fresh = _locked(agent)
        if not fresh.is_active:
            return
        _check_admin_remains(fresh)
        Agent.objects.filter(pk=fresh.pk).update(is_active=False)
        journal.record(AgentDeactivated(by=by, agent=fresh.pk))
    agent.is_active = False


def reactivate_agent(agent: Agent, *, by: Actor) -> None:
    """Open it again."""
    with transaction.atomic():
        check_admin(by)
        fresh = _locked(agent)
        if fresh.is_active:
            return
        Agent.objects.filter(pk=fresh.pk).update(is_active=True)
        journal.record(AgentReactivated(by=by, agent=fresh.pk))
    agent.is_active = True


def _locked(agent: Agent) -> Agent:
    """The row, after all admins' rows: of two who demote each other at once one is refused."""
    list(Agent.objects.select_for_update().filter(role=Role.ADMIN).order_by("pk"))
    return Agent.objects.select_for_update().get(pk=agent.pk)


def _check_admin_remains(fresh: Agent) -> None:
    if not fresh.is_admin:
        return
    others = Agent.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=fresh.pk)
    if not others.exists():
        raise LastAdmin
