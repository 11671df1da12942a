"""The bus, by PostgreSQL and by Redis: what is rung is heard, through an outage."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rapport.kernel.live.listening import Listener
from rapport.kernel.live.names import BELL, WHISPERS
from rapport.kernel.live.ringing import Ringer
from tests.looping import run_apart


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have a Redis: nothing is skipped there")
        pytest.skip("no redis-server on this machine")
    line = tmp_path / "redis.sock"
    server = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(line), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    while not line.exists():
        assert server.poll() is None
        time.sleep(0.02)
    yield f"unix://{line}"
    server.terminate()
    server.wait(10)


async def ring_and_hear(database_url: str, redis_url: str = "") -> list[tuple[str, str]]:
    heard: list[tuple[str, str]] = []
    listener = Listener(
        lambda channel, payload: heard.append((channel, payload)),
        database_url=database_url,
        redis_url=redis_url,
    )
    ringer = Ringer(database_url=database_url, redis_url=redis_url)
    listener.start()
    ringer.start()
    await until(lambda: heard)
    ringer.ring()
    await until(lambda: len(heard) >= 2)
    await ringer.say(WHISPERS, "psst 🤫")
    await until(lambda: len(heard) >= 3)
    await listener.stop()
    await ringer.stop()
    return heard


async def until(is_so: object) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # type: ignore[operator]
            await asyncio.sleep(0.01)


def test_postgres_carries_bell_and_whispers(database: str) -> None:
    heard = run_apart(ring_and_hear(database))
    assert heard == [(BELL, ""), (BELL, ""), (WHISPERS, "psst 🤫")]


def test_redis_carries_bell_and_whispers(database: str, redis_url: str) -> None:
    heard = run_apart(ring_and_hear(database, redis_url))
    assert heard == [(BELL, ""), (BELL, ""), (WHISPERS, "psst 🤫")]


def test_a_lost_line_is_taken_up_again_and_rings_once(database: str) -> None:
    async def story() -> list[tuple[str, str]]:
        heard: list[tuple[str, str]] = []
        listener = Listener(lambda *hint: heard.append(hint), database_url=database)
        listener.start()
        await until(lambda: heard)
        await asyncio.to_thread(cut_lines, database)
        await until(lambda: len(heard) >= 2)
        await listener.stop()
        return heard

    assert run_apart(story()) == [(BELL, ""), (BELL, "")]


def test_many_rings_become_few(database: str) -> None:
    async def story() -> int:
        heard: list[str] = []
        listener = Listener(lambda channel, _: heard.append(channel), database_url=database)
        ringer = Ringer(database_url=database)
        listener.start()
        ringer.start()
        await until(lambda: heard)
        for _ in range(5000):
            ringer.ring()
        await until(lambda: len(heard) >= 2)
        await ringer.stop()
        await listener.stop()
        return len(heard)

    assert run_apart(story()) <= 10


def cut_lines(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as own:
        own.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'rapport listener' AND datname = current_database()"""
        )
