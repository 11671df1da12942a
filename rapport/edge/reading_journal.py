"""Reading the journal: one reader per process, woken by the bell, looking once a second anyway."""

from __future__ import annotations

import asyncio
import logging
import time

from rapport.edge import measuring
from rapport.edge.connecting import AWAY, Connection, connect
from rapport.edge.fanning_out import Hub
from rapport.kernel import clock
from rapport.kernel.journal.positions import START, Position

log = logging.getLogger("rapport.edge")

POLL_SECONDS = 1.0
#: Pause between two readings, so that a storm of bells becomes a few readings: nobody sees the difference,
#: and with ten milliseconds each edge read for a tenth of a core at a thousand mails a second.
LEAST_SECONDS = 0.04
#: When the next entry waits for an older transaction to end, look again this soon.
HELD_SECONDS = 0.03
READ_SECONDS = 5
BATCH = 1_000

LAST = """
SELECT era, xid, id FROM journal_entry
WHERE era < (SELECT max(era) FROM journal_entry)
   OR xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY era DESC, xid DESC, id DESC LIMIT 1
"""
#: One row for each transaction: a batch of mails moves hundreds of streams at one position.
READ = """
SELECT era, xid, max(id), string_agg(streams, ' '), count(*),
       extract(epoch FROM max(recorded_at))::float8,
       era < (SELECT max(era) FROM journal_entry)
       OR xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
FROM (SELECT era, xid, id, streams, recorded_at FROM journal_entry
      WHERE (era, xid, id) > (%s, %s, %s)
      ORDER BY era, xid, id LIMIT %s) line
GROUP BY era, xid ORDER BY era, xid
"""


class JournalReader:
    """Takes new entries to the hub in the order of their transactions, none skipped."""

    def __init__(self, url: str, hub: Hub) -> None:
        self._url, self._hub = url, hub
        self._wake = asyncio.Event()
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._read_at = float("-inf")
        self._is_well = False

    @property
    def is_moving(self) -> bool:
        """It has looked within the last seconds, and could."""
        return self._is_well and time.monotonic() - self._read_at < 5 * POLL_SECONDS

    def start(self) -> None:
        """Begin to read; needs a running loop."""
        self._task = asyncio.create_task(self._read_for_ever(), name="journal reader")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._disconnect()

    def look(self) -> None:
        """The bell rang."""
        self._wake.set()

    async def _read_for_ever(self) -> None:
        while True:
            self._wake.clear()
            pause = await self._read_once()
            self._read_at = time.monotonic()
            await asyncio.sleep(min(pause, LEAST_SECONDS))
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _read_once(self) -> float:
        """Read what there is; returns the seconds to wait for the next look."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                pause = await self._read_on()
            self._is_well = True
        except (*AWAY, TimeoutError) as error:
            log.warning("journal not read: %s", type(error).__name__)
        except Exception:
            log.exception("journal not read")
        else:
            return pause
        self._is_well = False
        await self._disconnect()
        return POLL_SECONDS

    async def _read_on(self) -> float:
        if self._connection is None:
            self._connection = await connect(self._url, name="journal")
        if self._hub.position is None:
            self._hub.begin_at(await self._last(self._connection))
        while True:
            cursor = self._connection.cursor(binary=True)
            await cursor.execute(READ, [*(self._hub.position or START), BATCH], prepare=True)
            rows = await cursor.fetchall()
            for era, xid, number, streams, _count, _at, is_settled in rows:
                if not is_settled:
                    return HELD_SECONDS
                self._hub.publish(Position(era, xid, number), frozenset(streams.split()))
            if rows:
                _note_lag(rows[-1][5])
            if sum(row[4] for row in rows) < BATCH:
                return POLL_SECONDS

    async def _last(self, connection: Connection) -> Position:
        cursor = await connection.execute(LAST)
        row = await cursor.fetchone()
        return Position(*row) if row else START

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _note_lag(recorded_at: float) -> None:
    measuring.JOURNAL_LAG.observe(max(0.0, clock.now().timestamp() - recorded_at))
