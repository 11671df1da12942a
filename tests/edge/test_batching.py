"""Batches: one bad row fails alone, and a database that goes away loses nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from rapport.channels.models import Channel, Envelope
from rapport.edge.batching import Batcher, ChannelGone, DatabaseAway, Row, RowRefused, Stored
from tests.looping import run_apart

ROW = Row(
    channel_id=0, event_id="e", door="hook", raw=b"\x00\xff", headers="{}", lane=-5, request_id="r"
)


def run(url: str, story: Callable[[Batcher], Awaitable[Any]]) -> tuple[Any, int]:
    """Run a story with a batcher; returns what it returned and how often the bell was asked for."""
    rings = []

    async def play() -> Any:
        batcher = Batcher(url, ring=lambda: rings.append(1))
        batcher.start()
        try:
            return await story(batcher)
        finally:
            await batcher.stop()

    return run_apart(play()), len(rings)


def rows_of(channel: Channel, count: int) -> list[Row]:
    return [replace(ROW, channel_id=channel.pk, event_id=f"e{n}") for n in range(count)]


async def store_all(batcher: Batcher, rows: list[Row]) -> list[Stored | BaseException]:
    return await asyncio.gather(*(batcher.store(row) for row in rows), return_exceptions=True)


def test_a_thousand_at_once_share_commits_and_keep_their_order(
    database: str, webhook: Channel
) -> None:
    rows = rows_of(webhook, 1000)
    stored, rings = run(database, lambda batcher: store_all(batcher, rows))
    ids = [result.id for result in stored]
    assert ids == sorted(ids)
    kept = Envelope.objects.order_by("id")
    assert [envelope.event_id for envelope in kept] == [row.event_id for row in rows]
    assert (bytes(kept[0].raw), kept[0].lane) == (ROW.raw, ROW.lane)
    assert rings <= 3


def test_twins_in_one_batch_are_one_row(database: str, webhook: Channel) -> None:
    rows = rows_of(webhook, 1) * 8
    stored, _ = run(database, lambda batcher: store_all(batcher, rows))
    assert sorted(result.is_known for result in stored) == [False] + [True] * 7
    assert len({result.id for result in stored}) == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"event_id": "x" * 201},
        {"event_id": "nul\x00"},
        {"event_id": "\ud800"},
        {"headers": "no json"},
        {"lane": 2**63},
        {"channel_id": 999_999_999},
    ],
)
def test_a_bad_row_fails_alone(database: str, webhook: Channel, bad: dict[str, Any]) -> None:
    rows = rows_of(webhook, 5)
    rows[2] = replace(rows[2], **bad)
    stored, _ = run(database, lambda batcher: store_all(batcher, rows))
    assert isinstance(stored[2], RowRefused)
    assert isinstance(stored[2], ChannelGone) == ("channel_id" in bad)
    assert [type(result) for n, result in enumerate(stored) if n != 2] == [Stored] * 4
    assert Envelope.objects.count() == 4


def test_a_killed_connection_heals_and_nothing_is_lost_or_doubled(
    database: str, webhook: Channel
) -> None:
    async def story(batcher: Batcher) -> list[Stored | BaseException]:
        killer = asyncio.create_task(asyncio.to_thread(kill_backends, database, 15))
        results: list[Stored | BaseException] = []
        for start in range(0, 2000, 50):
            results += await store_all(batcher, rows_of(webhook, 2000)[start : start + 50])
        await killer
        return results

    results, _ = run(database, story)
    acknowledged = [result.id for result in results if isinstance(result, Stored)]
    assert {type(result) for result in results} <= {Stored, DatabaseAway}
    assert len(acknowledged) > 1000
    kept = set(Envelope.objects.values_list("id", flat=True))
    assert set(acknowledged) <= kept
    assert len(kept) == Envelope.objects.values("event_id").distinct().count()


def test_a_database_that_is_away_is_said_at_once(database: str, webhook: Channel) -> None:
    gone = database.replace("port=", "port=1")
    assert gone != database
    stored, rings = run(gone, lambda batcher: store_all(batcher, rows_of(webhook, 3)))
    assert [type(result) for result in stored] == [DatabaseAway] * 3
    assert rings == 0


def kill_backends(url: str, times: int) -> None:
    """End the batcher's connection again and again."""
    import time

    with psycopg.connect(url, autocommit=True) as own:
        for _ in range(times):
            own.execute(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE application_name = 'rapport edge intake'
                     AND datname = current_database()"""
            )
            time.sleep(0.02)
