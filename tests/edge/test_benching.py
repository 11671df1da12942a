"""The parts of the measurement that must be right for its figure to mean something."""

from __future__ import annotations

import httpx

from rapport.channels.models import Channel, Envelope
from rapport.cli.benching.loading import Plan, make_requests, run_load
from tests.edge.conftest import SECRET, RunningEdge


def test_every_request_of_the_load_is_stored_once(edge: RunningEdge, webhook: Channel) -> None:
    plan = Plan(
        host="127.0.0.1",
        port=edge.port,
        path=f"/hooks/webhook/{webhook.public_id}",
        secret=SECRET,
        clients=8,
        seconds=20,
        warm_up=0,
        requests=200,
        text_size=300,
    )
    assert edge.http.get("/healthz").status_code == httpx.codes.OK
    result = run_load(plan, make_requests(plan))
    assert (result.n, result.failed) == (200, 0)
    assert Envelope.objects.count() == 200
    assert 0 < result.p50_ms <= result.p95_ms <= result.p99_ms
