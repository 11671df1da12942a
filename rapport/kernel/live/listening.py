"""Listening: hearing the bus from an event loop, whichever way it is carried, through every outage."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg

from rapport.kernel.live.names import BELL, WHISPERS

log = logging.getLogger("rapport.live")

#: Seconds before a lost line is taken up again: at first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0

Heard = Callable[[str, str], None]


class Listener:
    """Calls `heard(channel, payload)` for each hint, and once for the bell whenever it has (re)connected.

    What was said while the line was down is not heard: whoever needs to know looks at the journal.
    """

    def __init__(self, heard: Heard, *, database_url: str, redis_url: str = "") -> None:
        self._heard, self._database_url, self._redis_url = heard, database_url, redis_url
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; needs a running loop."""
        self._task = asyncio.create_task(self._listen_for_ever(), name="listener")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen_for_ever(self) -> None:
        pause = FIRST_PAUSE
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await (self._hear_redis() if self._redis_url else self._hear_postgres())
            except Exception as error:
                log.warning("bus not heard: %s", type(error).__name__)
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _hear_postgres(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._database_url,
            autocommit=True,
            connect_timeout=3,
            application_name="rapport listener",
            keepalives_idle=15,
            keepalives_interval=5,
            keepalives_count=3,
        )
        async with connection:
            await connection.execute(f"LISTEN {BELL}")
            await connection.execute(f"LISTEN {WHISPERS}")
            self._heard(BELL, "")
            async for hint in connection.notifies():
                self._heard(hint.channel, hint.payload)

    async def _hear_redis(self) -> None:
        from redis.asyncio import Redis

        async with (
            Redis.from_url(self._redis_url, health_check_interval=15) as client,
            client.pubsub() as line,
        ):
            await line.subscribe(BELL, WHISPERS)
            self._heard(BELL, "")
            async for hint in line.listen():
                if hint["type"] == "message":
                    self._heard(hint["channel"].decode(), hint["data"].decode())
