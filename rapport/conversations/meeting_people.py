"""Meeting people: which customers a colleague may know of: those of the conversations that one may see."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from rapport.accounts.models import Agent
from rapport.conversations.access import visible_to
from rapport.customers.models import Customer

#: The same for hand-written statements: somebody `u` has a conversation that holds `{seen}` (see `seeing`).
MET = "EXISTS (SELECT FROM conversations_conversation c WHERE c.customer_id = {who}.id AND {seen})"


def people_met_by(agent: Agent) -> QuerySet[Customer]:
    """Customers with a conversation that the agent may see, and those who were merged away from them.

    Leads know all.
    """
    people = Customer.objects.all()
    if not agent.may_see:
        return people.none()
    if agent.is_lead:
        return people
    seen = visible_to(agent).filter(customer=OuterRef("pk")).order_by()
    return people.filter(Exists(seen))


def met_as(seen: str, *, who: str = "u") -> str:
    """The condition that somebody (`who`) has a conversation under the condition `seen`; leads know all."""
    return seen if seen in ("true", "false") else MET.format(who=who, seen=seen)
