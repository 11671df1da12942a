"""Standard Webhooks, against the published vector and another implementation."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from rapport.channels.webhook.signing import (
    Unsigned,
    sign,
    sign_headers,
    standing_secrets,
    verify,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3"
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
BODY = '{"text":"Gdzie jest moja paczka? 我的包裹"}'.encode()


def test_the_published_vector(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "channels/signatures/vectors.json").read_text())
    [vector] = [v for v in vectors if v["scheme"] == "standard_webhooks"]
    made = sign(
        vector["secret"],
        message_id=vector["webhook_id"],
        timestamp=int(vector["webhook_timestamp"]),
        body=vector["body"].encode(),
    )
    assert made == vector["expected"]


def test_another_implementation_understands_us_and_we_it() -> None:
    now = datetime.now(UTC)
    ours = sign_headers([OTHER, SECRET], message_id="msg_1", now=now, body=BODY)
    Webhook(SECRET).verify(BODY.decode(), ours)
    theirs = ours | {"webhook-signature": Webhook(SECRET).sign("msg_1", now, BODY.decode())}
    assert verify(theirs, BODY, secrets=[SECRET], now=now) == "msg_1"


def test_any_signature_by_any_secret_is_enough() -> None:
    signed = sign_headers([OTHER, SECRET], message_id="m", now=NOW, body=BODY)
    assert verify(signed, BODY, secrets=["whsec_AAAA", SECRET], now=NOW) == "m"


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({}, BODY + b" "),
        ({"webhook-id": "m2"}, BODY),
        ({"webhook-timestamp": "1793613601"}, BODY),
        ({"webhook-signature": "v1a,xyz"}, BODY),
        ({"webhook-signature": " ".join(["v1,AAAA"] * 9)}, BODY),
        ({"webhook-id": "a b"}, BODY),
        ({"webhook-id": "x" * 191}, BODY),
        ({"webhook-timestamp": "٣"}, BODY),
    ],
)
def test_whatever_was_changed_is_noticed(change: dict[str, str], body: bytes) -> None:
    signed = sign_headers([SECRET], message_id="m", now=NOW, body=BODY)
    with pytest.raises(Unsigned):
        verify({**signed, **change}, body, secrets=[SECRET], now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_stale_or_early_timestamp_is_refused(seconds: int) -> None:
    signed = sign_headers([SECRET], message_id="m", now=NOW, body=BODY)
    with pytest.raises(Unsigned, match="five minutes"):
        verify(signed, BODY, secrets=[SECRET], now=NOW + timedelta(seconds=seconds))


def test_no_secret_opens_nothing() -> None:
    signed = sign_headers([SECRET], message_id="m", now=NOW, body=BODY)
    with pytest.raises(Unsigned):
        verify(signed, BODY, secrets=[], now=NOW)


def test_a_secret_ends_when_it_was_said_to() -> None:
    kept = [
        {"secret": "new", "until": None},
        {"secret": "old", "until": NOW.isoformat()},
        {"secret": "older", "until": (NOW + timedelta(seconds=1)).isoformat()},
    ]
    assert standing_secrets(kept, now=NOW) == ["new", "older"]
