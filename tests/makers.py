"""Makers: one more of anything, as plain rows, with what a test does not care about filled in."""

from __future__ import annotations

import itertools
from typing import Any

from rapport.accounts.models import Agent, Membership, Team
from rapport.channels.models import Channel
from rapport.conversations import reckoning
from rapport.conversations.models import Conversation, Direction, Message, Participant
from rapport.customers.models import Customer, Identity

NUMBERS = itertools.count(1)


def make_agent(name: str = "", *, team: Team | None = None, **fields: Any) -> Agent:
    """An agent (role "agent" unless told) with an unusable password."""
    name = name or f"Agent {next(NUMBERS)}"
    address = fields.pop("email", f"{name.lower().replace(' ', '.')}@maple.example")
    agent = Agent.objects.create_user(address, name=name, **fields)
    if team:
        Membership.objects.create(team=team, agent=agent)
    return agent


def make_team(name: str = "") -> Team:
    return Team.objects.create(name=name or f"Team {next(NUMBERS)}")


def make_customer(name: str = "", *, email: str = "", **fields: Any) -> Customer:
    """A customer with one verified mail address."""
    name = name or f"Customer {next(NUMBERS)}"
    email = email or f"{name.lower().replace(' ', '.')}@customer.example"
    customer = Customer.objects.create(name=name, **fields)
    Identity.objects.create(
        customer=customer, kind="email", value=email.lower(), shown=email, is_verified=True
    )
    return customer


def make_channel(kind: str = "email", **fields: Any) -> Channel:
    """A channel; an email channel has an address of its own."""
    number = next(NUMBERS)
    if kind == "email":
        fields.setdefault("address", f"box{number}@maple.example")
    return Channel.objects.create(kind=kind, name=fields.pop("name", f"{kind} {number}"), **fields)


def make_conversation(
    customer: Customer, *, channel: Channel | None = None, text: str = "Hello?", **fields: Any
) -> Conversation:
    """An open conversation with one message of the customer (none where `text` is empty)."""
    conversation = Conversation.objects.create(
        customer=customer,
        channel_id=channel.pk if channel else None,
        channel_kind=channel.kind if channel else "",
        **fields,
    )
    Participant.objects.create(conversation=conversation, customer=customer)
    if text:
        make_inbound(conversation, text=text)
    return conversation


def make_inbound(
    conversation: Conversation,
    *,
    text: str = "Hello?",
    customer: Customer | None = None,
    **fields: Any,
) -> Message:
    """A message that came in, counted as receiving counts it."""
    writer = customer or conversation.customer
    identity = writer.identities.filter(kind="email").first()
    heads = {"from": [{"name": writer.name, "address": identity.shown}]} if identity else {}
    return make_message(
        conversation,
        direction=Direction.IN,
        customer=writer,
        author_name=writer.name,
        text=text,
        addresses=heads | fields.pop("addresses", {}),
        subject=fields.pop("subject", conversation.subject),
        **fields,
    )


def make_message(conversation: Conversation, *, direction: str, **fields: Any) -> Message:
    """A row of any direction; the conversation's columns follow."""
    fields.setdefault("channel_id", conversation.channel_id)
    fields.setdefault("channel_kind", conversation.channel_kind)
    message = Message.objects.create(conversation=conversation, direction=direction, **fields)
    reckoning.apply_message(conversation, message)
    conversation.save(update_fields=reckoning.COLUMNS)
    return message
