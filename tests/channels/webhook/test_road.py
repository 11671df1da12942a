"""The whole road of a webhook's message: kept by the door, read by a worker, in its conversation."""

from __future__ import annotations

import pytest

from rapport.channels.contract import lane_of
from rapport.channels.models import Channel, Envelope
from rapport.channels.receiving import receive_batch
from rapport.channels.webhook.configuring import thread_key
from rapport.conversations.models import Message
from rapport.kernel.mail.tagging_threads import reply_token

pytestmark = pytest.mark.django_db


def keep(channel: Channel, event_id: str, body: str) -> Envelope:
    return Envelope.objects.create(
        channel=channel,
        event_id=event_id,
        door="api",
        raw=body.encode(),
        headers={},
        lane=lane_of(channel.pk, "u-42"),
    )


def test_a_message_is_in_a_conversation_and_its_repetition_by_another_door_is_none() -> None:
    channel = Channel.objects.create(kind="webhook", name="Shop")
    body = (
        '{"external_id":"crm-1","contact":{"email":"Dora@example.com","name":"Dora"},"text":"Hi"}'
    )
    keep(channel, "api:crm-1", body)
    keep(channel, "hook:msg_1", body)
    receive_batch()
    message = Message.objects.get()
    assert (message.text, message.channel_kind, message.external_id) == ("Hi", "webhook", "crm-1")
    assert message.customer is not None
    assert message.customer.name == "Dora"
    assert set(Envelope.objects.values_list("state", flat=True)) == {"done"}


def test_our_token_leads_back_and_a_foreign_payload_is_parked() -> None:
    channel = Channel.objects.create(kind="webhook", name="Shop")
    contact = '"contact":{"email":"dora@example.com"}'
    keep(channel, "api:1", f'{{"external_id":"1",{contact},"text":"Hi"}}')
    receive_batch()
    conversation = Message.objects.get().conversation
    token = reply_token(thread_key(str(channel.public_id)), conversation.pk)
    keep(
        channel,
        "api:2",
        f'{{"external_id":"2",{contact},"text":"Yo","conversation_ref":"{token}"}}',
    )
    parked = keep(channel, "api:3", "{}")
    receive_batch()
    assert conversation.messages.count() == 2
    parked.refresh_from_db()
    assert parked.state == "parked"
    assert "contact" in parked.error
