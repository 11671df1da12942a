"""Changing passwords: one's own, when signed in or by a link that came by mail."""

from __future__ import annotations

from django.db import transaction

from rapport.accounts.access import check_self_or_admin
from rapport.accounts.events import PasswordChanged
from rapport.accounts.models import Agent
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def change_password(agent: Agent, password: str, *, by: Actor) -> None:
    """Give another password; every other session of the agent ends. Raises AdminsOnly."""
    with transaction.atomic():
        fresh = Agent.objects.select_for_update().get(pk=agent.pk)
        check_self_or_admin(by, fresh)
        agent.set_password(password)
        Agent.objects.filter(pk=agent.pk).update(password=agent.password)
        journal.record(PasswordChanged(by=by, agent=agent.pk))
