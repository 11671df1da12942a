"""Whoever is refused is told an id, and the id finds the line that says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rapport.channels.models import Channel, Envelope
from tests.edge.conftest import BODY, RunningEdge, talk

Ask = Callable[[httpx.Client, Channel, Channel], httpx.Response]
MAIL = {"content-type": "message/rfc822"}
JSON = {"content-type": "application/json"}
TOKEN = JSON | {"authorization": "Bearer rct_right"}


def _hook(http: httpx.Client, key: str, **request: Any) -> httpx.Response:
    return http.post(f"/hooks/email/{key}", **{"headers": MAIL, "content": b"From: a@b", **request})


def _api(http: httpx.Client, webhook: Channel, body: bytes, **headers: str) -> httpx.Response:
    path = f"/api/v1/channels/{webhook.public_id}/messages"
    return http.post(path, content=body, headers=TOKEN | headers)


REFUSALS: dict[str, tuple[int, str, Ask]] = {
    "no such channel": (404, "email hook", lambda http, box, hook: _hook(http, "a-slip-in-a-key")),
    "no mail": (400, "email hook", lambda http, box, hook: _hook(http, box.hook_secret, content=b" ")),
    "another type": (
        415, "email hook", lambda http, box, hook: _hook(http, box.hook_secret, headers=JSON),
    ),
    "another method": (
        405, "email hook", lambda http, box, hook: http.get(f"/hooks/email/{box.hook_secret}"),
    ),
    "no signature": (
        401, "webhook hook",
        lambda http, box, hook: http.post(f"/hooks/webhook/{hook.public_id}", content=BODY, headers=JSON),
    ),
    "a wrong token": (
        401, "webhook api", lambda http, box, hook: _api(http, hook, BODY, authorization="Bearer x"),
    ),
    "no JSON": (400, "webhook api", lambda http, box, hook: _api(http, hook, b"{")),
    "a wrong field": (422, "webhook api", lambda http, box, hook: _api(http, hook, b"{}")),
    "no such address": (404, "", lambda http, box, hook: http.get("/nowhere")),
    "no ticket": (401, "live", lambda http, box, hook: http.get("/live?ticket=x")),
    "no whisper": (400, "live", lambda http, box, hook: http.post("/live/typing", content=b"{")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_the_id_of_a_refusal_finds_its_line(
    edge: RunningEdge, mailbox: Channel, webhook: Channel, name: str
) -> None:
    status, door, ask = REFUSALS[name]
    answer = ask(edge.http, mailbox, webhook)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status)
    assert told["request_id"] == answer.headers["x-request-id"]
    (line,) = lines_of(edge, told["request_id"])
    assert (line["status"], line["detail"], line["door"]) == (status, told["detail"], door)
    assert mailbox.hook_secret not in str(line)
    assert "a-slip-in-a-key" not in str(line)
    assert not Envelope.objects.exists()


def test_the_id_of_a_body_that_is_too_large_finds_its_line(
    edge: RunningEdge, mailbox: Channel
) -> None:
    head = f"POST /hooks/email/{mailbox.hook_secret} HTTP/1.1\r\nhost: x\r\n"
    length = "content-type: message/rfc822\r\ncontent-length: 2000001\r\n\r\n"
    told = json.loads(talk(edge, f"{head}{length}".encode()).partition(b"\r\n\r\n")[2])
    (line,) = lines_of(edge, told["request_id"])
    assert (line["status"], line["door"]) == (413, "email hook")


def lines_of(edge: RunningEdge, request_id: str) -> list[dict[str, Any]]:
    """The lines of the log that this request caused."""
    lines = [json.loads(line) for line in edge.log.read_text().splitlines()]
    return [line for line in lines if line.get("request_id") == request_id]
