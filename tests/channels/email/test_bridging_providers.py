"""Mail and reports by the webhooks of mail providers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from rapport.channels.delivering import deliver
from rapport.channels.models import Channel, Delivery, Envelope, EnvelopeState
from rapport.conversations.models import Message
from rapport.kernel.journal.models import Entry
from rapport.kernel.secrets import seal
from tests.channels.conftest import Send
from tests.channels.sinks import Sink

RAW = (
    "From: Dora <dora@mail.example>\r\nTo: desk@shop.example\r\nSubject: Shoes\r\n"
    "Message-ID: <1@mail.example>\r\n\r\nZażółć\r\n"
)
PARSED = {
    "FromFull": {"Email": "dora@mail.example", "Name": "Dora"},
    "ToFull": [{"Email": "desk@shop.example", "Name": ""}],
    "OriginalRecipient": "desk+c1-aaaabbbbccccdddd@shop.example",
    "Subject": "Shoes",
    "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
    "Date": "Sat, 21 Nov 2026 10:00:00 +0000",
    "TextBody": "Hello",
    "HtmlBody": "<p>Hello</p>",
    "Headers": [{"Name": "Message-ID", "Value": "<2@mail.example>"}],
    "Attachments": [
        {"Name": "a.txt", "Content": "aGk=", "ContentType": "text/plain", "ContentLength": 2}
    ],
}


def post(
    channel: Channel,
    payload: Any,
    *,
    provider: str = "postmark",
    what: str = "inbound",
    key: str = "",
) -> int:
    basic = base64.b64encode(f"rapport:{key or channel.hook_secret}".encode()).decode()
    answer = Client().post(
        f"/anymail/{provider}/{channel.public_id}/{what}",
        data=payload
        if isinstance(payload, dict) and provider == "mailgun"
        else json.dumps(payload),
        **({} if provider == "mailgun" else {"content_type": "application/json"}),
        headers={"authorization": f"Basic {basic}"},
    )
    return answer.status_code


@pytest.fixture
def desk(make_channel: Callable[..., Channel]) -> Channel:
    return make_channel()


def test_a_whole_mail_is_kept_once_however_often_it_is_posted(desk: Channel) -> None:
    payload = {**PARSED, "RawEmail": RAW}
    assert [post(desk, payload) for _ in range(3)] == [200, 200, 200]
    raw = bytes(Envelope.objects.get().raw)
    assert b"Subject: Shoes" in raw
    assert raw.startswith(b"Delivered-To: desk+c1-aaaabbbbccccdddd@shop.example\n")


def test_a_mail_that_the_provider_took_apart_is_the_same_at_every_repetition(desk: Channel) -> None:
    assert [post(desk, PARSED) for _ in range(3)] == [200, 200, 200]
    assert b"\n\nhi\n" in bytes(Envelope.objects.get().raw)


def test_a_large_mail_is_taken(desk: Channel) -> None:
    assert post(desk, {**PARSED, "TextBody": "long " * 800_000}) == 200
    assert Envelope.objects.get().state == EnvelopeState.WAITING


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"key": "wrong"}, 401),
        ({"provider": "nobody"}, 404),
        ({"what": "tracking"}, 404),
    ],
)
def test_strangers_and_mistakes_store_nothing(
    change: dict[str, str], status: int, desk: Channel
) -> None:
    assert post(desk, PARSED, **change) == status
    assert not Envelope.objects.exists()


def test_what_is_no_json_is_refused(desk: Channel) -> None:
    basic = base64.b64encode(f"rapport:{desk.hook_secret}".encode()).decode()
    answer = Client().post(
        f"/anymail/postmark/{desk.public_id}/inbound",
        data=b"\xff\x00",
        content_type="application/json",
        headers={"authorization": f"Basic {basic}"},
    )
    assert answer.status_code == 400
    assert b"Traceback" not in answer.content


def test_the_providers_own_payloads_are_understood(desk: Channel, shared_data: Path) -> None:
    folder = shared_data / "channels" / "email" / "anymail"
    for name in (
        "postmark-inbound-test-payload.json",
        "postmark-inbound-test-payload-with-raw.json",
    ):
        assert post(desk, json.loads((folder / name).read_text())) == 200
    assert Envelope.objects.filter(state=EnvelopeState.WAITING).count() == 2


def mailgun(key: bytes) -> dict[str, str]:
    signed = hmac.new(key, b"1700000000token", hashlib.sha256).hexdigest()
    return {
        "timestamp": "1700000000",
        "token": "token",
        "signature": signed,
        "sender": "dora@mail.example",
        "recipient": "desk@shop.example",
        "body-mime": RAW + "x" * 2_000_000,
    }


def test_a_providers_signature_is_checked_with_the_channels_own_key(desk: Channel) -> None:
    Channel.objects.filter(pk=desk.pk).update(
        sealed=seal({"provider": {"webhook_signing_key": "right"}})
    )
    assert post(desk, mailgun(b"wrong"), provider="mailgun", what="inbound_mime") == 401
    assert not Envelope.objects.exists()
    assert post(desk, mailgun(b"right"), provider="mailgun", what="inbound_mime") == 200
    assert "Zażółć".encode() in bytes(Envelope.objects.get().raw) or b"base64" in bytes(
        Envelope.objects.get().raw
    )


def report(delivery: Delivery, kind: str, **fields: Any) -> dict[str, Any]:
    message = Message.objects.get(pk=delivery.message_id)
    return {
        "RecordType": kind,
        "MessageID": "4f0dcd1e",
        "Recipient": "dora@mail.example",
        "Metadata": {"message-id": message.external_id},
        "DeliveredAt": "2026-11-21T10:00:00Z",
        **fields,
    }


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return str(delivery.state)


def test_reports_move_a_delivery_forward_only(send: Send, sink: Sink, channel: Channel) -> None:
    delivery = send()
    deliver(delivery.pk)
    read = report(delivery, "Open", ReceivedAt="2026-11-21T10:05:00Z")
    assert post(channel, read, what="tracking") == 200
    assert post(channel, report(delivery, "Delivery"), what="tracking") == 200
    assert state(delivery) == "read"
    bounce = report(
        delivery, "Bounce", Type="HardBounce", Email="dora@mail.example", Details="gone"
    )
    post(channel, bounce, what="tracking")
    assert state(delivery) == "read"
    assert delivery.refused == {"dora@mail.example": "gone"}


def test_a_reported_bounce_makes_it_failed(send: Send, sink: Sink, channel: Channel) -> None:
    delivery = send()
    deliver(delivery.pk)
    bounce = report(
        delivery, "Bounce", Type="HardBounce", Email="dora@mail.example", Details="gone"
    )
    for _ in range(2):
        post(channel, bounce, what="tracking")
    assert state(delivery) == "failed"
    assert Entry.objects.filter(kind="channels.delivery_failed").count() == 1


def test_a_report_by_another_channel_changes_nothing(
    send: Send, sink: Sink, make_channel: Callable[..., Channel]
) -> None:
    delivery = send()
    deliver(delivery.pk)
    other = make_channel("other@shop.example")
    post(other, report(delivery, "Delivery"), what="tracking")
    assert state(delivery) == "accepted"
