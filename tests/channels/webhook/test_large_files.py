"""Files that a callback cannot carry are fetched by the other system, for a while."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client

from rapport.channels.contract import Outcome
from rapport.channels.models import Channel, Delivery
from rapport.channels.webhook import sending
from rapport.channels.webhook.sending import send_delivery
from rapport.channels.webhook.setting_up import issue_credentials
from rapport.conversations.models import Attachment
from rapport.kernel.config import config
from rapport.kernel.storage import store_file
from tests.channels.webhook.test_sending import Callback, callback, channel, delivery

__all__ = ["callback", "channel", "delivery"]
pytestmark = pytest.mark.django_db
PUBLIC = "https://desk.shop.example"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_FILE_BYTES", 1000)


def attach(delivery: Delivery, *sizes: int) -> None:
    for size in sizes:
        Attachment.objects.create(
            message=delivery.message,
            name=f"{size}.bin",
            size=size,
            stored_name=store_file(b"x" * size),
        )


def sent(delivery: Delivery, callback: Callback) -> list[dict[str, Any]]:
    assert send_delivery(delivery).outcome is Outcome.ACCEPTED
    files: list[dict[str, Any]] = json.loads(callback.came[-1][1])["data"]["attachments"]
    return files


def test_what_does_not_fit_is_fetched_and_a_repetition_says_the_same(
    channel: Channel, delivery: Delivery, callback: Callback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_PUBLIC_URL", PUBLIC)
    config.cache_clear()
    issue_credentials(channel)
    delivery.channel.refresh_from_db()
    attach(delivery, 600, 5000, 300)
    first = sent(delivery, callback)
    assert [sorted({"data", "url", "until"} & set(file)) for file in first] == [
        ["data"],
        ["until", "url"],
        ["data"],
    ]
    assert base64.b64decode(first[0]["data"]) == b"x" * 600
    answer: Any = Client().get(first[1]["url"].removeprefix(PUBLIC))
    assert b"".join(answer.streaming_content) == b"x" * 5000
    assert sent(delivery, callback) == first


def test_where_nobody_could_fetch_it_the_message_fails_with_a_reason(
    channel: Channel, delivery: Delivery, callback: Callback
) -> None:
    issue_credentials(channel)
    delivery.channel.refresh_from_db()
    attach(delivery, 5000)
    result = send_delivery(delivery)
    assert (result.outcome, result.code) == (Outcome.CONTENT_INVALID, "too_large")
    assert callback.came == []
