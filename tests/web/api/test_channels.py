"""What the other system says later: how far a message has come, and that somebody types."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

import psycopg
import pytest
from django.test import Client

from rapport.channels.models import Channel, Delivery, DeliveryState
from rapport.channels.webhook.signing import sign_headers
from rapport.kernel import clock
from rapport.kernel.journal.models import Entry
from rapport.kernel.live.names import WHISPERS
from rapport.kernel.secrets import seal
from tests.cast import Cast
from tests.makers import make_conversation, make_message

pytestmark = pytest.mark.django_db
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def shop(cast: Cast) -> Channel:
    digest = hashlib.sha256(b"rct_right").hexdigest()
    opened = {"signing": [{"secret": SECRET, "until": None}], "token_hash": digest}
    Channel.objects.filter(pk=cast.hook.pk).update(sealed=seal(opened))
    return Channel.objects.get(pk=cast.hook.pk)


@pytest.fixture
def delivery(cast: Cast, shop: Channel) -> Delivery:
    talk = make_conversation(cast.dora, channel=shop, team=cast.support)
    ours = make_message(talk, direction="out", text="On its way", agent=cast.ben)
    return Delivery.objects.create(message=ours, channel=shop, state="accepted", attempts=1)


def post(shop: Channel, path: str, body: Any, *, token: str = "rct_right", **headers: str) -> Any:
    given = headers or {"authorization": f"Bearer {token}"}
    return Client().post(
        f"/api/v1/channels/{shop.public_id}/{path}",
        body if isinstance(body, bytes) else json.dumps(body),
        content_type="application/json",
        headers=given,
    )


def say(delivery: Delivery, status: str, **more: Any) -> Any:
    path = f"messages/{delivery.message_id}/status"
    answer = post(delivery.channel, path, {"status": status, **more})
    assert answer.status_code == 200, answer.content
    delivery.refresh_from_db()
    return answer.json()


def test_it_moves_forward_in_whatever_order_it_is_told(delivery: Delivery) -> None:
    assert say(delivery, "read", at="2026-11-22T01:00:00Z")["status"] == "read"
    for status in ("delivered", "sent", "read"):
        assert say(delivery, status)["status"] == "read"
    told = Entry.objects.filter(kind__startswith="channels.delivery")
    assert [(entry.kind, entry.at.hour) for entry in told] == [("channels.delivery_read", 1)]


def test_a_failure_is_told_with_its_words(delivery: Delivery) -> None:
    say(delivery, "failed", error={"code": "131026", "message": "no such\x00 account"[:7]})
    assert delivery.state == DeliveryState.FAILED
    assert delivery.error == "bounced: 131026 no such"


def test_a_signature_proves_it_as_well(shop: Channel, delivery: Delivery) -> None:
    body = b'{"status":"delivered"}'
    path = f"messages/{delivery.message_id}/status"
    signed = sign_headers([SECRET], message_id="msg_1", now=clock.now(), body=body)
    assert post(shop, path, body, **signed).json()["status"] == "delivered"
    assert post(shop, path, body.replace(b"delivered", b"read"), **signed).status_code == 401
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DELIVERED


def test_strangers_and_other_channels_change_nothing(
    shop: Channel, delivery: Delivery, cast: Cast
) -> None:
    path, body = f"messages/{delivery.message_id}/status", {"status": "failed"}
    assert post(shop, path, body, token="rct_wrong").status_code == 401
    other = Channel.objects.create(kind="webhook", name="Other", sealed=shop.sealed)
    assert post(other, path, body).status_code == 404
    assert post(Channel(public_id=uuid.uuid4()), path, body).status_code == 404
    assert post(cast.mail, path, body).status_code == 404
    assert post(shop, f"messages/{10**30}/status", body).status_code == 404
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.ACCEPTED


def test_what_has_not_left_cannot_have_arrived(shop: Channel, delivery: Delivery) -> None:
    Delivery.objects.update(state="queued", attempts=0)
    answer = post(shop, f"messages/{delivery.message_id}/status", {"status": "read"})
    assert (answer.status_code, answer.json()["code"]) == (409, "refused")


@pytest.mark.parametrize(
    "body", [{"status": "lost"}, {}, {"status": "read", "at": "yesterday"}, ["read"]]
)
def test_wrong_fields_are_named(shop: Channel, delivery: Delivery, body: Any) -> None:
    answer = post(shop, f"messages/{delivery.message_id}/status", body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.django_db(transaction=True)
def test_typing_is_whispered_where_the_contact_writes(
    shop: Channel, delivery: Delivery, cast: Cast, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute(f"LISTEN {WHISPERS}")
        contact = {"contact": {"email": "DORA@poczta.example"}}
        assert post(shop, "typing", contact).json() == {"shown": True}
        [heard] = listener.notifies(timeout=5, stop_after=1)
    said = json.loads(heard.payload)
    assert said == {
        "stream": f"conversation:{delivery.message.conversation_id}",
        "agent": -cast.dora.pk,
        "name": cast.dora.name,
        "doing": "typing",
    }
    for stranger in ({"email": "eve@mail.example"}, {"external_id": "u-1"}):
        assert post(shop, "typing", {"contact": stranger}).json() == {"shown": False}
    assert post(shop, "typing", {"contact": {"name": "Dora"}}).status_code == 422
