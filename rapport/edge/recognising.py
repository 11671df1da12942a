"""Recognising: which channel an address belongs to, answered from memory.

All channels are held with their secrets opened. They are read again when the settings' news comes, every few
seconds, and, at most four times a second, when an address or a signature is not known, so that a channel
made a moment ago works and a crowd of guesses costs one reading.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row

from rapport.channels.contract import ChannelKey
from rapport.channels.registry import KINDS
from rapport.edge.connecting import AWAY, Connection, connect
from rapport.kernel.secrets import SecretUnreadable, unseal

log = logging.getLogger("rapport.edge")

REFRESH_SECONDS = 10.0
IMPATIENT_SECONDS = 0.25
READ_SECONDS = 5

READ = """
SELECT id, kind, public_id::text AS public_id, hook_secret, state, address, config, sealed
FROM channels_channel
"""


class ChannelBook:
    """The channels by kind and hook key; `is_read` says whether the last attempt went well."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._channels: dict[tuple[str, str], ChannelKey] = {}
        self._opened: dict[str, dict[str, Any]] = {}
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._is_read = False
        self._looked_at = float("-inf")
        self._stale = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def is_read(self) -> bool:
        """False while the database cannot be asked: not found then means nothing."""
        return self._is_read

    def start(self) -> None:
        """Begin to keep the book fresh; needs a running loop."""
        self._keeper = asyncio.create_task(self._keep_fresh(), name="channel book")

    async def stop(self) -> None:
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._disconnect()

    def expire(self) -> None:
        """Some channel may have changed: read again soon."""
        self._stale.set()

    def find(self, kind: str, key: str) -> ChannelKey | None:
        """The channel whose hook has this key, from memory."""
        return self._channels.get((kind, key))

    async def look_again(self, kind: str, key: str) -> ChannelKey | None:
        """Read the channels again, together with everybody else who asks now, and find."""
        asked_at = time.monotonic()
        async with self._turn:
            if self._looked_at < asked_at:
                await asyncio.sleep(self._looked_at + IMPATIENT_SECONDS - time.monotonic())
                await self._read()
        return self.find(kind, key)

    async def _keep_fresh(self) -> None:
        while True:
            await self._read()
            try:
                async with asyncio.timeout(REFRESH_SECONDS):
                    await self._stale.wait()
            except TimeoutError:
                pass
            self._stale.clear()

    async def _read(self) -> None:
        async with self._reading:
            self._looked_at = time.monotonic()
            try:
                async with asyncio.timeout(READ_SECONDS):
                    rows = await self._fetch()
            except (*AWAY, TimeoutError) as error:
                log.warning("channels not read: %s", type(error).__name__)
                await self._stumble()
                return
            except Exception:
                log.exception("channels not read")
                await self._stumble()
                return
            self._take_in(rows)
            self._is_read = True

    async def _fetch(self) -> list[dict[str, Any]]:
        if self._connection is None:
            self._connection = await connect(self._url, name="channels")
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(READ)
            return await cursor.fetchall()

    def _take_in(self, rows: list[dict[str, Any]]) -> None:
        channels, opened = {}, {}
        for row in rows:
            sealed = row.pop("sealed")
            opened[sealed] = self._opened.get(sealed) or _open(sealed, row)
            channel = ChannelKey(**row, secrets=opened[sealed])
            for key in _keys(channel):
                channels[channel.kind, key] = channel
        self._channels, self._opened = channels, opened

    async def _stumble(self) -> None:
        self._is_read = False
        await self._disconnect()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _keys(channel: ChannelKey) -> list[str]:
    kind = KINDS.get(channel.kind)
    return [getattr(channel, kind.hook_key)] if kind else []


def _open(sealed: str, row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return unseal(sealed)
    except SecretUnreadable:
        log.error("secrets of a channel cannot be read", extra={"channel": row["id"]})
        return {}
