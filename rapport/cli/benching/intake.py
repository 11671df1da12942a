"""Intake: durable messages a second through the door, beside what PostgreSQL does without a door.

Ours: 64 keep-alive clients, HTTP, signature check, one envelope each, answered after the commit. The limit:
pgbench, 32 clients, the same rows one by one, each with a commit of its own, before and after ours.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec

from rapport.cli.benching.harness import Figure, Ground, bench_ground, run_program, say, tell
from rapport.cli.benching.loading import Plan, Result, make_body

SECONDS, WARM_UP = 10, 2
CLIENTS, PGBENCH_CLIENTS = 64, 32
TEXT_SIZE = 300
MOST_REQUESTS = 300_000

INSERT = """\\set id random(1, 9000000000000000000)
INSERT INTO channels_envelope (channel_id, event_id, door, raw, headers, lane, request_id)
VALUES ({channel}, 'hook:' || :id, 'hook', convert_to(:raw, 'UTF8'), :headers::jsonb, :id,
        '0123456789abcdef')
ON CONFLICT (channel_id, event_id) DO NOTHING RETURNING id;
"""
HEADERS = '{"content-type":"application/json","webhook-id":"0123456789ab-123456"}'


def run(*, as_json: bool) -> int:
    """Measure and tell."""
    with bench_ground() as ground:
        channel, path, secret = _make_channel()
        say("limit, first half …")
        before = _measure_limit(ground, channel)
        say("intake …")
        result = _measure_intake(ground, path, secret)
        say("limit, second half …")
        after = _measure_limit(ground, channel)
    limit = (before + after) / 2
    if result.failed:
        say(f"{result.failed} of {result.n} requests were not stored")
    tell(_figure(result, limit), as_json=as_json)
    return 1 if result.failed else 0


def _figure(result: Result, limit: float) -> Figure:
    return Figure(
        name="intake",
        value=round(result.rate, 1),
        unit="messages/s",
        limit=round(limit, 1),
        ratio=round(result.rate / limit, 3),
        p50_ms=result.p50_ms,
        p95_ms=result.p95_ms,
        p99_ms=result.p99_ms,
        n=result.n,
    )


def _make_channel() -> tuple[int, str, str]:
    from rapport.channels.models import Channel
    from rapport.channels.webhook.setting_up import issue_credentials

    channel = Channel.objects.create(kind="webhook", name="Bench")
    secret = issue_credentials(channel).signing_secret
    return channel.pk, f"/hooks/webhook/{channel.public_id}", secret


def _measure_intake(ground: Ground, path: str, secret: str) -> Result:
    port = int(ground.start_desk().rpartition(":")[2])
    plan = Plan(
        host="127.0.0.1",
        port=port,
        path=path,
        secret=secret,
        clients=CLIENTS,
        seconds=SECONDS,
        warm_up=WARM_UP,
        requests=MOST_REQUESTS,
        text_size=TEXT_SIZE,
    )
    printed = run_program(
        [sys.executable, "-m", "rapport.cli.benching.loading"], given=msgspec.json.encode(plan)
    )
    return msgspec.json.decode(printed, type=Result)


def _measure_limit(ground: Ground, channel: int) -> float:
    """Commits a second of PostgreSQL alone."""
    from rapport.kernel.pg.finding import find_program

    script = Path(ground.home) / "insert.sql"
    script.write_text(INSERT.format(channel=channel))
    printed = run_program(
        [
            str(find_program("pgbench")),
            *("-n", "-M", "prepared", "-f", str(script)),
            *("-c", str(PGBENCH_CLIENTS), "-j", "2", "-T", str(SECONDS // 2)),
            *("-D", f"raw={make_body(7, text_size=TEXT_SIZE).decode()}"),
            *("-D", f"headers={HEADERS}"),
            ground.database_url,
        ]
    )
    found = re.search(rb"tps = ([0-9.]+)", printed)
    if found is None:
        raise ValueError(printed.decode())
    return float(found[1])
