"""A company with a mailbox, and a conversation in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.accounts.models import Agent
from rapport.channels.models import Channel, Delivery
from rapport.conversations.events import MessageSent
from rapport.conversations.models import Conversation, Message
from rapport.customers.models import Customer
from rapport.kernel import clock, journal
from rapport.kernel.secrets import seal
from tests.channels.sinks import Sink, smtp_sink

Send = Callable[..., Delivery]


@pytest.fixture
def ada(database: str) -> Agent:
    return Agent.objects.create(email="ada@shop.example", name="Ada", role="admin")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


@pytest.fixture
def make_channel(database: str) -> Callable[..., Channel]:
    def make(address: str = "desk@shop.example", **config: Any) -> Channel:
        return Channel.objects.create(
            kind="email",
            name="Shop",
            address=address,
            config=config,
            sealed=seal({"password": "secret"}),
        )

    return make


@pytest.fixture
def channel(sink: Sink, make_channel: Callable[..., Channel]) -> Channel:
    return make_channel(**sink.config)


@pytest.fixture
def conversation(database: str, channel: Channel) -> Conversation:
    dora = Customer.objects.create(name="Dora")
    return Conversation.objects.create(customer=dora, subject="Shoes", channel_id=channel.pk)


@pytest.fixture
def send(ada: Agent, channel: Channel, conversation: Conversation) -> Send:
    """Have Ada's words recorded as sent; returns the delivery that came of it."""

    def record(
        text: str = "Hello Dora", *, within: Conversation | None = None, **heads: Any
    ) -> Delivery:
        from django.db import transaction

        due_at = heads.pop("due_at", None) or clock.now()
        place = within or conversation
        with transaction.atomic():
            message = Message.objects.create(
                conversation=place,
                direction="out",
                agent=ada,
                author_name=ada.name,
                channel_id=channel.pk,
                channel_kind="email",
                subject="Re: Shoes",
                text=text,
                addresses=heads or {"to": [{"name": "Dora", "address": "dora@mail.example"}]},
            )
            journal.record(
                MessageSent(
                    by=ada.actor,
                    conversation=place.pk,
                    message=message.pk,
                    channel=channel.pk,
                    due_at=due_at.isoformat(),
                )
            )
        return Delivery.objects.get(message=message)

    return record
