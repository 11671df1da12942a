"""Batching: arrivals that come together share one statement and one commit.

There is no timer: a flush takes whatever came while the last one ran, so a lone arrival waits for nobody
and a crowd pays for one commit. One flusher per process: measured, two are slower than one.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
import psycopg
from psycopg.errors import ForeignKeyViolation

from rapport.edge import measuring
from rapport.edge.connecting import AWAY, Connection, connect
from rapport.edge.packing import pack_bytes, pack_numbers, pack_texts

log = logging.getLogger("rapport.edge")

MOST_ROWS = 512
MOST_BYTES = 16_000_000
FLUSH_SECONDS = 15

#: What is wrong with one row and not with the database.
BAD_ROW = (psycopg.DataError, psycopg.IntegrityError, UnicodeError, struct.error)

INSERT = """
INSERT INTO channels_envelope (channel_id, event_id, door, raw, headers, lane, request_id)
SELECT channel_id, event_id, door, raw, headers::jsonb, lane, request_id
FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::bytea[], %b::text[], %b::bigint[], %b::text[])
    AS new (channel_id, event_id, door, raw, headers, lane, request_id)
ON CONFLICT (channel_id, event_id) DO NOTHING
RETURNING id, channel_id, event_id
"""
KNOWN = """
SELECT e.id, e.channel_id, e.event_id, sha256(e.raw)
FROM unnest(%b::bigint[], %b::text[]) AS asked (channel_id, event_id)
JOIN channels_envelope e USING (channel_id, event_id)
"""


class Row(msgspec.Struct, frozen=True):
    """One arrival as a row; `headers` is JSON."""

    channel_id: int
    event_id: str
    door: str
    raw: bytes
    headers: str
    lane: int
    request_id: str


class Stored(msgspec.Struct, frozen=True):
    """The envelope's id; for one that was here before, the SHA-256 of the bytes that are kept."""

    id: int
    known_digest: bytes | None = None

    @property
    def is_known(self) -> bool:
        return self.known_digest is not None


class DatabaseAway(Exception):
    """The database cannot take anything just now; nothing was acknowledged, come again."""


class RowRefused(Exception):
    """The database takes the others but not this row."""


class ChannelGone(RowRefused):
    """The channel was deleted while the request was under way."""


class _Waiting:
    __slots__ = ("future", "row")

    def __init__(self, row: Row, future: asyncio.Future[Stored]) -> None:
        self.row, self.future = row, future

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Batcher:
    """Owns one connection and one flusher; `ring` is called after a flush that stored something new."""

    def __init__(self, url: str, *, ring: Callable[[], None] = lambda: None) -> None:
        self._url, self._ring = url, ring
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._flusher: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._is_closing = False

    def start(self) -> None:
        """Begin to flush; needs a running loop."""
        self._flusher = asyncio.create_task(self._flush_for_ever(), name="flusher")

    async def stop(self) -> None:
        """Store what waits, then let go of the connection."""
        self._is_closing = True
        self._wake.set()
        if self._flusher:
            await self._flusher
        await self._disconnect()

    def store(self, row: Row) -> asyncio.Future[Stored]:
        """Done when the row is committed, or failed with DatabaseAway or RowRefused."""
        future: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        if self._is_closing:
            future.set_exception(DatabaseAway("shutting down"))
        else:
            self._queue.append(_Waiting(row, future))
            self._wake.set()
        return future

    async def fetch_raw(self, envelope_id: int) -> bytes:
        """The bytes of an envelope that is kept; raises DatabaseAway."""
        try:
            if self._connection is None:
                raise DatabaseAway("not connected")
            cursor = self._connection.cursor(binary=True)
            await cursor.execute("SELECT raw FROM channels_envelope WHERE id = %s", [envelope_id])
            row = await cursor.fetchone()
        except AWAY as error:
            raise DatabaseAway(type(error).__name__) from None
        return bytes(row[0]) if row else b"null"

    async def _flush_for_ever(self) -> None:
        while not (self._is_closing and not self._queue):
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
                continue
            batch = self._take()
            began = time.perf_counter()
            await self._flush(batch)
            measuring.FLUSH_SECONDS.observe(time.perf_counter() - began)
            measuring.FLUSH_ROWS.observe(len(batch))

    def _take(self) -> list[_Waiting]:
        batch = [self._queue.popleft()]
        size = len(batch[0].row.raw)
        while self._queue and len(batch) < MOST_ROWS:
            size += len(self._queue[0].row.raw)
            if size > MOST_BYTES:
                break
            batch.append(self._queue.popleft())
        return batch

    async def _flush(self, batch: list[_Waiting]) -> None:
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                stored = await self._insert_or_again([waiting.row for waiting in batch])
        except BAD_ROW as error:
            await self._flush_alone(batch, error)
        except Exception as error:
            # A timeout is among them: whether it was committed is not known, and a repeat is known.
            log.warning("flush failed: %s", type(error).__name__, extra={"rows": len(batch)})
            measuring.FLUSHES_FAILED.inc()
            await self._disconnect()
            for waiting in batch:
                waiting.fail(DatabaseAway(type(error).__name__))
        else:
            self._answer(batch, stored)

    async def _flush_alone(self, batch: list[_Waiting], error: Exception) -> None:
        """One row is bad: try them one by one, so that it fails alone."""
        if len(batch) > 1:
            for waiting in batch:
                await self._flush([waiting])
            return
        log.warning("row refused: %s", type(error).__name__, extra={"door": batch[0].row.door})
        gone = isinstance(error, ForeignKeyViolation)
        batch[0].fail(ChannelGone() if gone else RowRefused(type(error).__name__))

    def _answer(self, batch: list[_Waiting], stored: list[Stored]) -> None:
        for waiting, result in zip(batch, stored, strict=True):
            if not waiting.future.done():
                waiting.future.set_result(result)
        if not all(result.is_known for result in stored):
            self._ring()

    async def _insert_or_again(self, rows: Sequence[Row]) -> list[Stored]:
        """Insert; a connection that broke since the last flush is replaced once.

        If the broken one did commit, the repeat finds its rows and calls them known.
        """
        try:
            return await self._insert(rows)
        except AWAY:
            if self._connection is None or not self._connection.closed:
                raise
            await self._disconnect()
            return await self._insert(rows)

    async def _insert(self, rows: Sequence[Row]) -> list[Stored]:
        if self._connection is None:
            self._connection = await connect(self._url, name="intake")
        cursor = self._connection.cursor(binary=True)
        await cursor.execute(
            INSERT,
            (
                pack_numbers([row.channel_id for row in rows]),
                pack_texts([row.event_id for row in rows]),
                pack_texts([row.door for row in rows]),
                pack_bytes([row.raw for row in rows]),
                pack_texts([row.headers for row in rows]),
                pack_numbers([row.lane for row in rows]),
                pack_texts([row.request_id for row in rows]),
            ),
            prepare=True,
        )
        new = {(channel, event): number for number, channel, event in await cursor.fetchall()}
        found = await self._find_known(rows, new) if len(new) < len(rows) else {}
        return [_stored(row, new, found) for row in rows]

    async def _find_known(
        self, rows: Sequence[Row], new: dict[tuple[int, str], int]
    ) -> dict[tuple[int, str], Stored]:
        """Those that conflicted, also with a twin in the same batch."""
        assert self._connection is not None  # noqa: S101
        cursor = self._connection.cursor(binary=True)
        seen: set[tuple[int, str]] = set()
        twins = []
        for row in rows:
            key = (row.channel_id, row.event_id)
            if key in seen or key not in new:
                twins.append(key)
            seen.add(key)
        await cursor.execute(
            KNOWN, (pack_numbers([key[0] for key in twins]), pack_texts([key[1] for key in twins]))
        )
        return {
            (channel, event): Stored(number, digest)
            for number, channel, event, digest in await cursor.fetchall()
        }

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _stored(
    row: Row, new: dict[tuple[int, str], int], found: dict[tuple[int, str], Stored]
) -> Stored:
    """The first of its key in the batch is the new one, its twins are known."""
    key = (row.channel_id, row.event_id)
    number = new.pop(key, None)
    if number is not None:
        return Stored(number)
    if key not in found:
        raise psycopg.OperationalError("deleted between conflict and look")
    return found[key]
