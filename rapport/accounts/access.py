"""Access: what of the set-up an agent may change. Read afresh each time, so that a role just lost counts."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.kernel.actors import Actor


class AdminsOnly(PermissionDenied):
    """Only an admin may do this."""


def check_admin(by: Actor) -> None:
    """Raise AdminsOnly unless an admin (or the system itself) acts."""
    if by.kind == "system":
        return
    agent = Agent.objects.filter(pk=by.id or 0).first() if by.kind == "agent" else None
    if agent is None or not agent.is_admin:
        raise AdminsOnly(_("Only an admin may do this."))


def check_self_or_admin(by: Actor, agent: Agent) -> None:
    """Raise AdminsOnly unless it is about oneself or an admin acts."""
    if by.kind == "agent" and by.id == agent.pk and agent.is_active:
        return
    check_admin(by)
