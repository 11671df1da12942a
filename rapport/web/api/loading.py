"""Loading: the one place where ids in an address become rows that the caller may see."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from rapport.accounts.models import Agent
from rapport.conversations.access import visible_to
from rapport.conversations.meeting_people import people_met_by
from rapport.conversations.models import Conversation, Message
from rapport.customers.models import Customer


def shown_conversations(agent: Agent) -> QuerySet[Conversation]:
    """What the agent may see, with what a shape needs."""
    return visible_to(agent).prefetch_related("tags")


def conversation_for(agent: Agent, number: int) -> Conversation:
    """The conversation, or 404 also where it exists and must not be seen."""
    found: Conversation = _one(shown_conversations(agent), number)
    return found


def shown_messages(agent: Agent) -> QuerySet[Message]:
    """The messages of what the agent may see; those taken back are gone."""
    rows = with_parts(Message.objects.filter(withdrawn_at=None))
    if agent.is_lead:
        return rows
    return rows.filter(conversation__in=visible_to(agent).order_by())


def with_parts(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Messages with what their shape needs."""
    return rows.prefetch_related("attachments", "deliveries")


def message_for(agent: Agent, number: int) -> Message:
    """The message, or 404."""
    found: Message = _one(shown_messages(agent), number)
    return found


def shown_customers(agent: Agent) -> QuerySet[Customer]:
    """Customers with a conversation that the agent may see; leads see all."""
    rows = people_met_by(agent).select_related("organisation")
    return rows.prefetch_related("identities", "taggings__tag")


def _one(rows: QuerySet[Any], number: int) -> Any:
    row = rows.filter(pk=number).first() if 0 < number < 2**63 else None
    if row is None:
        raise Http404
    return row


one_of = _one
