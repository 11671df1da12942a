"""Access: who may change what is known of a customer. Whom one may see is asked where conversations are known."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from rapport.accounts.models import Agent
from rapport.kernel.actors import Actor


class NotAllowed(PermissionDenied):
    """You may not change what is known of customers."""


def check_may_change(by: Actor) -> None:
    """Raise NotAllowed for an agent who may not work; the role is read afresh."""
    if by.kind != "agent":
        return
    agent = Agent.objects.filter(pk=by.id or 0).first()
    if agent is None or not agent.may_work:
        raise NotAllowed(NotAllowed.__doc__)
