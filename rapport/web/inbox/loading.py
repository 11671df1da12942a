"""Loading: the only place where a number out of an address becomes a row, within what the reader may see."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from rapport.accounts.models import Agent, Team
from rapport.conversations.access import visible_to
from rapport.conversations.models import Attachment, Conversation, Message
from rapport.customers.models import Customer
from rapport.web.inbox.seeing import sight_of
from rapport.web.inbox.shelves import SHELVES, Shelf
from rapport.web.kit.verbs import SignedIn

OPENED = """
SELECT c.*, u.name AS customer_name, u.language AS customer_language, u.time_zone AS customer_zone,
       u.attributes::text AS customer_attributes, u.organisation_id AS customer_organisation,
       a.name AS assignee_name, t.name AS team_name,
       ARRAY(SELECT x.name FROM conversations_tagging g JOIN conversations_tag x ON x.id = g.tag_id
             WHERE g.conversation_id = c.id ORDER BY g.id) AS tag_names,
       ARRAY(SELECT x.name FROM conversations_participant p JOIN customers_customer x ON x.id = p.customer_id
             WHERE p.conversation_id = c.id AND p.customer_id <> c.customer_id
             ORDER BY p.id) AS others_here,
       EXISTS (SELECT FROM conversations_follow f
               WHERE f.conversation_id = c.id AND f.agent_id = %(me)s) AS is_watched,
       EXISTS (SELECT FROM conversations_joinproposal j
               WHERE j.conversation_id = c.id AND j.ended_at IS NULL) AS has_joins
FROM conversations_conversation c
JOIN customers_customer u ON u.id = c.customer_id
LEFT JOIN accounts_agent a ON a.id = c.assignee_id
LEFT JOIN accounts_team t ON t.id = c.team_id
WHERE c.id = %(number)s AND {seen}
"""


def shelf_for(request: SignedIn, name: str) -> Shelf:
    """The shelf of this name, or 404."""
    shelf = SHELVES.get(name)
    if shelf is None:
        raise Http404
    return shelf


def conversation_for(request: SignedIn, number: int) -> Conversation:
    """The conversation, if this colleague may see it, or 404."""
    found = visible_to(request.user).select_related("customer", "assignee", "team", "brand")
    conversation: Conversation = get_object_or_404(found, pk=number)
    return conversation


def opened_for(request: SignedIn, number: int) -> Conversation:
    """The conversation with what its pane shows beside its columns, in one statement.

    It carries `tag_names`, `others_here` (names), `is_watched`, `has_joins`, and its customer, assignee and
    team by their names alone.
    """
    seen, parameters = sight_of(request.user)
    parameters |= {"number": number}
    found = Conversation.objects.raw(OPENED.format(seen=seen), parameters)
    conversation = next(iter(found), None)
    if conversation is None:
        raise Http404
    values: Any = conversation
    conversation.customer = Customer(
        id=conversation.customer_id, name=values.customer_name, language=values.customer_language,
        time_zone=values.customer_zone, attributes=json.loads(values.customer_attributes),
        organisation_id=values.customer_organisation,
    )  # fmt: skip
    if conversation.assignee_id:
        conversation.assignee = Agent(id=conversation.assignee_id, name=values.assignee_name)
    if conversation.team_id:
        conversation.team = Team(id=conversation.team_id, name=values.team_name)
    return conversation


def message_for(request: SignedIn, number: int) -> Message:
    """The message, if its conversation may be seen, or 404."""
    seen = visible_to(request.user).values("pk")
    found = Message.objects.select_related("conversation")
    message: Message = get_object_or_404(found, pk=number, conversation__in=seen)
    return message


def attachment_for(request: SignedIn, number: int) -> Attachment:
    """The kept file, if the conversation of its message may be seen, or 404."""
    seen = visible_to(request.user).values("pk")
    found = Attachment.objects.exclude(stored_name="")
    attachment: Attachment = get_object_or_404(found, pk=number, message__conversation__in=seen)
    return attachment
