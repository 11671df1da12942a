"""Ringing: the edge's end of the bell rope. Many rings while one is under way become one."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import psycopg

from rapport.kernel.live.names import BELL

log = logging.getLogger("rapport.live")
RING_SECONDS = 5
#: Pause after a ring: a flush every three milliseconds rang three hundred times a second for every listener.
PAUSE_SECONDS = 0.01


class Ringer:
    """Rings after commits without making anybody wait; by Redis where there is one, else by NOTIFY."""

    def __init__(self, *, database_url: str, redis_url: str = "") -> None:
        self._database_url, self._redis_url = database_url, redis_url
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: Any = None

    def start(self) -> None:
        """Begin to ring; needs a running loop."""
        self._task = asyncio.create_task(self._ring_for_ever(), name="ringer")

    async def stop(self) -> None:
        """Ring once more if that was asked for, then let go."""
        if self._asked.is_set():
            await self.say(BELL, "")
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._let_go()

    def ring(self) -> None:
        """Ask for a ring; returns at once."""
        self._asked.set()

    async def say(self, channel: str, payload: str) -> None:
        """Send a hint of at most 7,000 bytes on another channel. A hint that is lost is lost."""
        try:
            async with asyncio.timeout(RING_SECONDS):
                await self._send(channel, payload)
        except Exception as error:
            log.warning("bell not rung: %s", type(error).__name__)
            await self._let_go()

    async def _ring_for_ever(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self.say(BELL, "")
            await asyncio.sleep(PAUSE_SECONDS)

    async def _send(self, channel: str, payload: str) -> None:
        if self._connection is None:
            self._connection = await self._connect()
        if self._redis_url:
            await self._connection.publish(channel, payload)
        else:
            await self._connection.execute("SELECT pg_notify(%s, %s)", (channel, payload))

    async def _connect(self) -> Any:
        if self._redis_url:
            from redis.asyncio import Redis

            return Redis.from_url(self._redis_url, socket_timeout=RING_SECONDS)
        return await psycopg.AsyncConnection.connect(
            self._database_url,
            autocommit=True,
            connect_timeout=3,
            application_name="rapport bell",
        )

    async def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            close = connection.aclose if self._redis_url else connection.close
            try:
                await close()
            except Exception:
                log.debug("bell rope not let go", exc_info=True)
