"""Replies go to the callback address, signed, to a real server on a free port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine

from rapport.channels.contract import Outcome
from rapport.channels.delivering import deliver
from rapport.channels.models import Channel, Delivery
from rapport.channels.webhook.configuring import Misconfigured
from rapport.channels.webhook.sending import send_delivery
from rapport.channels.webhook.setting_up import (
    check_health,
    issue_credentials,
    make_config,
    rotate_signing_secret,
)
from rapport.channels.webhook.signing import verify
from rapport.conversations.models import Conversation, Message
from rapport.customers.models import Customer, Identity
from rapport.kernel import clock
from rapport.kernel.config import config
from rapport.kernel.net.calling import Answer


class Callback:
    """The other side: remembers what came, answers what it is told to."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.answer: tuple[int, dict[str, str], bytes] = (200, {}, b'{"external_id":"crm-77"}')
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                server.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status, headers, answer = server.answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/hook"


@pytest.fixture
def callback(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callback]:
    monkeypatch.setenv("RAPPORT_NET_ALLOW", "127.0.0.1")
    config.cache_clear()
    server = Callback()
    thread = threading.Thread(target=server.http.serve_forever)
    thread.start()
    yield server
    server.http.shutdown()
    thread.join()
    server.http.server_close()
    monkeypatch.undo()
    config.cache_clear()


@pytest.fixture
def channel(db: None, callback: Callback) -> Channel:
    return Channel.objects.create(
        kind="webhook", name="Shop", config=make_config(callback_url=callback.url)
    )


@pytest.fixture
def delivery(channel: Channel) -> Delivery:
    dora = Customer.objects.create(name="Dora")
    Identity.objects.create(customer=dora, kind="email", value="d@x", shown="D@x")
    conversation = Conversation.objects.create(customer=dora, subject="Order")
    common = {"conversation": conversation, "channel_id": channel.pk, "channel_kind": "webhook"}
    extras = {"matter": "order-551", "contact_external_id": "u-42"}
    Message.objects.create(direction="in", external_id="crm-1", extras=extras, **common)
    reply = Message.objects.create(direction="out", text="On its way", author_name="Ben", **common)
    return Delivery.objects.create(message=reply, channel=channel, state="sending")


def test_a_reply_arrives_signed_and_says_what_it_answers(
    channel: Channel, delivery: Delivery, callback: Callback
) -> None:
    secret = issue_credentials(channel).signing_secret
    result = send_delivery(delivery)
    assert (result.outcome, result.external_id) == (Outcome.ACCEPTED, "crm-77")
    [(headers, body)] = callback.came
    assert verify(headers, body, secrets=[secret], now=clock.now()) == f"msg_{delivery.message_id}"
    data = json.loads(body)["data"]
    assert (data["text"], data["in_reply_to"], data["conversation_ref"]) == (
        "On its way",
        "crm-1",
        "order-551",
    )
    assert data["contact"] == {"external_id": "u-42", "name": "Dora", "email": "D@x", "phone": None}
    assert data["conversation_token"].startswith(f"c{delivery.message.conversation_id}-")


def test_during_a_rotation_both_secrets_sign(
    channel: Channel, delivery: Delivery, callback: Callback
) -> None:
    old = issue_credentials(channel).signing_secret
    new = rotate_signing_secret(channel).signing_secret
    delivery.channel.refresh_from_db()
    send_delivery(delivery)
    [(headers, body)] = callback.came
    for secret in (old, new):
        assert verify(headers, body, secrets=[secret], now=clock.now())


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, Outcome.ACCEPTED),
        (302, Outcome.MISCONFIGURED),
        (401, Outcome.AUTH_INVALID),
        (410, Outcome.MISCONFIGURED),
        (418, Outcome.PERMANENT),
        (422, Outcome.CONTENT_INVALID),
        (429, Outcome.THROTTLED),
        (500, Outcome.TRANSIENT),
    ],
)
def test_an_answer_becomes_a_result(
    channel: Channel, delivery: Delivery, callback: Callback, status: int, outcome: Outcome
) -> None:
    issue_credentials(channel)
    delivery.channel.refresh_from_db()
    callback.answer = (status, {"retry-after": "7", "location": callback.url}, b"no json")
    result = send_delivery(delivery)
    assert result.outcome is outcome
    assert len(callback.came) == 1
    assert result.retry_after == (None if status == 204 else 7.0)


def test_nobody_there_may_be_tried_again(
    channel: Channel, delivery: Delivery, callback: Callback
) -> None:
    issue_credentials(channel)
    delivery.channel.refresh_from_db()
    delivery.channel.config = make_config(callback_url="http://127.0.0.1:9/")
    assert send_delivery(delivery).outcome is Outcome.TRANSIENT


def test_a_channel_without_secret_or_address_says_so(channel: Channel, delivery: Delivery) -> None:
    result = send_delivery(delivery)
    assert (result.outcome, result.code) == (Outcome.MISCONFIGURED, "no_signing_secret")
    assert len(check_health(channel)) == 1
    issue_credentials(channel)
    assert check_health(channel) == []


@pytest.mark.parametrize("url", ["http://8.8.8.8/", "https://10.0.0.1/", "nonsense"])
def test_a_callback_inside_or_without_tls_cannot_be_set_up(url: str, callback: Callback) -> None:
    with pytest.raises(Misconfigured):
        make_config(callback_url=url)


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [("Sun, 22 Nov 2099 00:00:00 GMT", 10**6, 10**12), ("Sun, 22 Nov 2020 00:00:00 GMT", 0, 0)],
)
def test_retry_after_may_be_a_date(given: str, least: float, most: float) -> None:
    wished = Answer(429, {"retry-after": given}).retry_after
    assert wished is not None
    assert least <= wished <= most
    assert Answer(429, {"retry-after": "soon"}).retry_after is None


def test_who_is_told_to_wait_waits_as_long_with_all_of_the_channel(
    channel: Channel, delivery: Delivery, callback: Callback
) -> None:
    issue_credentials(channel)
    Delivery.objects.update(state="queued")
    message = delivery.message
    other = Conversation.objects.create(customer=message.conversation.customer, subject="Tent")
    message.pk, message.conversation = None, other
    message.save()
    second = Delivery.objects.create(message=message, channel=channel)
    callback.answer = (429, {"retry-after": "600"}, b"")
    deliver(delivery.pk)
    deliver(second.pk)
    channel.refresh_from_db()
    assert len(callback.came) == 1
    assert channel.resting_until is not None
    assert channel.resting_until >= clock.now() + timedelta(seconds=590)
    callback.answer = (200, {}, b"")
    with time_machine.travel(channel.resting_until + timedelta(minutes=3), tick=True):
        deliver(second.pk)
        deliver(delivery.pk)
    assert len(callback.came) == 3
