"""A channel that runs wild is told when to come again, and nobody else is."""

from __future__ import annotations

import json

import httpx

from rapport.channels.models import Channel, Envelope
from rapport.edge.limiting import Pace
from tests.edge.conftest import BODY, RunningEdge, make_webhook


def post(edge: RunningEdge, channel: Channel, number: int, token: str = "right") -> httpx.Response:
    body = {**json.loads(BODY), "external_id": f"crm-{number}"}
    return edge.http.post(
        f"/api/v1/channels/{channel.public_id}/messages",
        json=body,
        headers={"authorization": f"Bearer rct_{token}"},
    )


def test_what_comes_too_fast_is_told_when_to_come_again(edge: RunningEdge) -> None:
    limited, free = make_webhook(config={"per_minute": 2}), make_webhook()
    answers = [post(edge, limited, number) for number in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30
    assert answers[2].headers["content-type"] == "application/problem+json"
    assert Envelope.objects.count() == 2
    assert {post(edge, free, number).status_code for number in range(5)} == {202}


def test_a_stranger_cannot_use_the_limit_up(edge: RunningEdge) -> None:
    limited = make_webhook(config={"per_minute": 2})
    for number in range(5):
        assert post(edge, limited, number, token="wrong").status_code == 401
    assert post(edge, limited, 9).status_code == 202


def test_a_bucket_fills_evenly_and_no_further() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert [pace.seconds_to_wait(1, per_minute=2) for _ in range(3)] == [0, 0, 30]
    now[0] = 29.0
    assert pace.seconds_to_wait(1, per_minute=2) == 1
    now[0] = 30.0
    assert pace.seconds_to_wait(1, per_minute=2) == 0
    now[0] = 100_000.0
    assert [pace.seconds_to_wait(1, per_minute=2) for _ in range(3)] == [0, 0, 30]
    assert pace.seconds_to_wait(2, per_minute=0) == 0
