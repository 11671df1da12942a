"""Loading: the only place where a number out of an address becomes a row, within what the reader may see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from rapport.accounts.models import Agent, Team
from rapport.conversations.access import sides_visible_to, visible_to
from rapport.conversations.marking_read import UNREAD
from rapport.conversations.meeting_people import people_met_by
from rapport.conversations.models import Attachment, Conversation, Message
from rapport.conversations.seeing import sight_of
from rapport.customers.models import Customer, Organisation
from rapport.kernel.asking import Question, ask
from rapport.web.inbox.counting import counts_for
from rapport.web.inbox.shelves import SHELVES, Shelf
from rapport.web.kit.verbs import SignedIn

OPENED = """
SELECT u.name, u.language, u.time_zone, u.attributes, u.organisation_id,
       (SELECT o.name FROM customers_organisation o WHERE o.id = u.organisation_id),
       (SELECT coalesce(nullif(i.shown, ''), i.value) FROM customers_identity i
        WHERE i.customer_id = u.id AND i.kind = 'email' ORDER BY i.id LIMIT 1),
       (SELECT a.name FROM accounts_agent a WHERE a.id = c.assignee_id),
       (SELECT t.name FROM accounts_team t WHERE t.id = c.team_id),
       ARRAY(SELECT x.name FROM conversations_tagging g JOIN conversations_tag x ON x.id = g.tag_id
             WHERE g.conversation_id = c.id ORDER BY g.id),
       ARRAY(SELECT coalesce(nullif(x.name, ''), (SELECT coalesce(nullif(i.shown, ''), i.value)
                     FROM customers_identity i
                     WHERE i.customer_id = x.id ORDER BY i.id LIMIT 1), '?')
             FROM conversations_participant p JOIN customers_customer x ON x.id = p.customer_id
             WHERE p.conversation_id = c.id AND p.customer_id <> c.customer_id
             ORDER BY p.id),
       EXISTS (SELECT FROM conversations_follow f
               WHERE f.conversation_id = c.id AND f.agent_id = %(me)s),
       EXISTS (SELECT FROM conversations_joinproposal j
               WHERE j.conversation_id = c.id AND j.ended_at IS NULL),
       {unread},
       (SELECT r.message_id FROM conversations_readmark r
        WHERE r.conversation_id = c.id AND r.agent_id = %(me)s),
       ARRAY(SELECT s.id FROM conversations_conversation s WHERE s.beside_id = c.id ORDER BY s.id),
       {columns}
FROM conversations_conversation c
JOIN customers_customer u ON u.id = c.customer_id
WHERE c.id = %(number)s AND {seen}
"""


class Beside(NamedTuple):
    """What stands beside a conversation's own columns."""

    name: str
    language: str
    time_zone: str
    attributes: str
    organisation_id: int | None
    organisation: str | None
    address: str | None
    assignee: str | None
    team: str | None
    tag_names: list[str]
    others_here: list[str]
    is_watched: bool
    has_joins: bool
    is_unread: bool
    read_up_to: int | None
    sides: list[int]


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation that a colleague opened, with what its pane shows; customer, assignee and team are named."""

    conversation: Conversation
    tags: Sequence[str]
    others_here: Sequence[str]
    is_watched: bool
    has_joins: bool
    is_unread: bool
    #: The newest message that this colleague had read; None for who had never looked.
    read_up_to: int | None = None
    #: The threads in which somebody is asked about it without its customer.
    sides: Sequence[int] = ()


def shelf_for(request: SignedIn, name: str) -> Shelf:
    """The shelf of this name, built-in or a saved view that this colleague has, or 404."""
    shelf = SHELVES.get(name) or counts_for(request, request.user).lists.get(name)
    if shelf is None:
        raise Http404
    return shelf


def customer_for(request: SignedIn, number: int) -> Customer:
    """The customer, if this colleague may see a conversation of theirs, or 404."""
    found = people_met_by(request.user).select_related("organisation")
    customer: Customer = get_object_or_404(found, pk=number)
    return customer


def conversation_for(request: SignedIn, number: int) -> Conversation:
    """The conversation, if this colleague may see it, or 404."""
    found = visible_to(request.user).select_related("customer", "assignee", "team", "brand")
    conversation: Conversation = get_object_or_404(found, pk=number)
    return conversation


def opened_for(request: SignedIn, number: int) -> Opened:
    """The conversation with what its pane shows beside its columns, in one statement, or 404."""
    names, _ = _columns()
    found = ask(*opened_question(request.user, number))
    if not found:
        raise Http404
    width = len(Beside._fields)
    beside = Beside(*found[0][:width])
    conversation = Conversation.from_db("default", names, found[0][width:])
    conversation.customer = _customer(conversation.customer_id, beside)
    if conversation.assignee_id:
        conversation.assignee = Agent(id=conversation.assignee_id, name=beside.assignee or "")
    if conversation.team_id:
        conversation.team = Team(id=conversation.team_id, name=beside.team or "")
    return Opened(
        conversation,
        beside.tag_names,
        beside.others_here,
        beside.is_watched,
        beside.has_joins,
        beside.is_unread,
        beside.read_up_to,
        beside.sides,
    )


def opened_question(agent: Agent, number: int) -> Question:
    """What `opened_for` asks."""
    seen, parameters = sight_of(agent)
    statement = OPENED.format(seen=seen, columns=_columns()[1], unread=UNREAD)
    return Question(statement, {**parameters, "number": number})


@lru_cache(maxsize=1)
def _columns() -> tuple[list[str], str]:
    fields = Conversation._meta.concrete_fields
    columns = ", ".join(f"c.{field.column}" for field in fields)
    return [str(field.attname) for field in fields], columns


def _customer(number: int, beside: Beside) -> Customer:
    customer = Customer(
        id=number,
        name=beside.name,
        language=beside.language,
        time_zone=beside.time_zone,
        attributes=json.loads(beside.attributes),
    )
    if beside.organisation_id:
        customer.organisation = Organisation(
            id=beside.organisation_id, name=beside.organisation or ""
        )
    customer.known_address = beside.address or ""
    return customer


def side_for(request: SignedIn, number: int) -> Conversation:
    """What was asked aside, if the conversation that it is about may be seen, or 404."""
    found = sides_visible_to(request.user).select_related("beside__customer")
    side: Conversation = get_object_or_404(found, pk=number)
    return side


def message_for(request: SignedIn, number: int) -> Message:
    """The message, if its conversation may be seen, or 404."""
    seen = visible_to(request.user).values("pk")
    found = Message.objects.select_related("conversation")
    message: Message = get_object_or_404(found, pk=number, conversation__in=seen)
    return message


def attachment_for(request: SignedIn, number: int) -> Attachment:
    """The kept file, if the conversation of its message may be seen, or 404."""
    seen = visible_to(request.user).values("pk")
    found = Attachment.objects.exclude(stored_name="").select_related("message__conversation")
    aside = sides_visible_to(request.user).values("pk")
    theirs = Q(message__conversation__in=seen) | Q(message__conversation__in=aside)
    attachment: Attachment = get_object_or_404(found.filter(theirs), pk=number)
    return attachment
