"""Whatever strangers send to the doors: an answer below 500 with its id, and every row can be worked off."""

from __future__ import annotations

import json
import os
import random
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from rapport.channels.models import Channel, Envelope
from rapport.channels.receiving import receive_batch
from tests.edge.conftest import BODY, Post, RunningEdge
from tests.edge.test_intake import post_mail

#: Tries of each kind; more by hand, with PYTEST_DOOR_EXAMPLES=5000.
EXAMPLES = int(os.environ.get("PYTEST_DOOR_EXAMPLES", "40"))
BRIEF = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
WORDS = some.text(max_size=30) | some.sampled_from(
    ["", "\u0390" * 400, "x" * 3000, "𝔸" * 300, "a\x00b", "=?utf-8?B?7aCA?=", "<a@b>", "a@b, c@d", "\u202e",
     "=?gb2312?Q?=C0?=", "\ufffd", "C-1", "1e400", "0000-99-99", "; charset=utf-7", "<" + "é" * 900 + "@x>"]
)  # fmt: skip
HEADS = some.dictionaries(
    some.sampled_from(
        ["From", "To", "Cc", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References", "Date", "Sender",
         "Content-Type", "Content-ID", "Content-Disposition", "Content-Language", "List-Id", "Thread-Index",
         "Auto-Submitted", "Return-Path", "Delivered-To", "X-Loop"]
    ),
    WORDS,
    max_size=8,
)  # fmt: skip
ANY_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | WORDS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["external_id", "contact", "text", "html", "subject", "sent_at", "metadata", "attachments"]
HTTP = [
    b"GET ", b"POST ", b"/hooks/email/", b"/hooks/webhook/", b"/api/v1/channels/", b"/messages",
    b"/live", b"?ticket=", b" HTTP/1.1\r\n", b" HTTP/9.9\r\n", b"host: x\r\n", b"content-length: 3\r\n",
    b"content-length: -1\r\n", b"transfer-encoding: chunked\r\n", b"content-type: message/rfc822\r\n",
    b"content-encoding: gzip\r\n", b"webhook-id: a\r\n", b"expect: 100-continue\r\n",
    b"upgrade: websocket\r\n", b"\r\n", b"\r\n\r\n", b"\n", b"3\r\nabc\r\n", b"0\r\n\r\n", b"%00",
    b"..%2f", b"//", b"\x00", b"\xff", b": \r\n", b"x" * 1_900,
]  # fmt: skip


@pytest.fixture
def edge(edge: RunningEdge) -> Iterator[RunningEdge]:
    """The session's edge, in whose log nothing of this test is a fault of ours."""
    heard = len(edge.log.read_bytes())  # it serves other tests too, some of which break its secrets
    yield edge
    lines = edge.log.read_bytes()[heard:].splitlines()
    said = [json.loads(line) for line in lines if line[:1] == b"{"]
    assert [line for line in said if line["level"] in ("error", "critical")] == []


def exchange(edge: RunningEdge, raw: bytes) -> bytes:
    """Send bytes, say that no more will come, and read all that comes back."""
    told = b""
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as line:
        try:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            while part := line.recv(65_536):
                told += part
        except ConnectionError:
            pass  # it may hang up on nonsense
    return told


def test_any_bytes_at_the_port_harm_nobody(edge: RunningEdge, mailbox: Channel) -> None:
    pieces = some.sampled_from([*HTTP, mailbox.hook_secret.encode()]) | some.binary(max_size=8)

    @BRIEF
    @given(raw=some.lists(pieces, max_size=14).map(b"".join))
    def send(raw: bytes) -> None:
        told = exchange(edge, raw)
        assert b"Traceback" not in told
        assert not told.startswith(b"HTTP/1.1 5"), told

    send()
    assert edge.http.get("/healthz").status_code == 200


def test_any_signed_json_is_kept_or_refused_by_field(
    edge: RunningEdge, deliver: Post, webhook: Channel
) -> None:
    shapes = some.dictionaries(some.sampled_from(FIELDS), ANY_JSON, max_size=4)
    number = iter(range(10_000))

    @BRIEF
    @given(change=shapes | some.just({}), cut=some.integers(0, len(BODY)), how=some.integers(0, 2))
    def send(change: dict[str, object], cut: int, how: int) -> None:
        body = json.dumps(json.loads(BODY) | change).encode()
        if how == 0:
            body = BODY[:cut] + BODY[cut + 1 :]
        answer = deliver(body, message_id=f"msg_{next(number)}")
        assert answer.status_code in (202, 400, 422), answer.text
        assert answer.headers["x-request-id"]
        assert answer.status_code == 202 or answer.json()["request_id"]

    send()
    check_worked_off()


def test_any_heads_and_words_of_a_mail_can_be_kept(edge: RunningEdge, mailbox: Channel) -> None:
    @BRIEF
    @given(heads=HEADS, words=some.binary(max_size=60) | WORDS.map(lambda w: w.encode()))
    def send(heads: dict[str, str], words: bytes) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in heads.items())
        raw = lines.encode("utf-8", "surrogatepass") + b"\r\n" + words
        answer = post_mail(edge, mailbox.hook_secret, raw)
        assert answer.status_code in (200, 202) or not raw.strip(), answer.text

    send()
    check_worked_off()


@pytest.mark.parametrize("seed", range(2))
def test_damaged_mails_are_worked_off(edge: RunningEdge, mailbox: Channel, seed: int) -> None:
    chance = random.Random(seed)
    whole = (
        b"From: Dora <dora@poczta.example>\r\nTo: help@maple.example\r\nSubject: =?utf-8?Q?Za=C5=BC?=\r\n"
        b"Message-ID: <1@poczta.example>\r\nReferences: <0@poczta.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/html; charset=gb2312\r\n\r\n<p>\xd6\xd0<img src=cid:a></p>\r\n--b\r\n"
        b"Content-Type: image/png; name*=utf-8''a%20b\r\nContent-ID: <a>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    for _ in range(EXAMPLES):
        raw = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            start = chance.randrange(len(raw))
            stop = start + chance.randint(1, 40)
            raw[start:stop] = chance.choice(
                [b"", bytes([chance.randrange(256)]), bytes(raw[start:stop]) * 3, b"\x00", b"\r\n"]
            )
        assert post_mail(edge, mailbox.hook_secret, bytes(raw)).status_code in (200, 202)
    check_worked_off()


def check_worked_off() -> None:
    """Every row becomes a message, or is parked because there is nothing in it to read."""
    while receive_batch():
        pass
    parked = Envelope.objects.filter(state="parked").values_list("error", "raw")
    faults = [(error, bytes(raw)) for error, raw in parked if "hold no mail" not in error]
    assert [fault for fault in faults if "no bytes in this mail" not in fault[0]] == []
    assert not Envelope.objects.filter(state="waiting").exists()
