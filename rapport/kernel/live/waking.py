"""Waking: threads that sleep until the bell rings, and look anyway once in a while."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg

from rapport.kernel.config import config
from rapport.kernel.live.bus import CHANNEL

log = logging.getLogger("rapport.live")
#: Seconds after which a sleeper looks although nothing rang.
PATIENCE = 1.0
#: Seconds for which further rings are let gather.
BETWEEN_RINGS = 0.01
#: Longest pause of a loop that fails, in seconds.
LONGEST_PAUSE = 30.0


class Bell:
    """One listener per process that wakes every loop of it."""

    def __init__(self, conninfo: str, stop: threading.Event) -> None:
        self._conninfo, self._stop = conninfo, stop
        self._events: list[threading.Event] = []

    def event(self) -> threading.Event:
        """An event that is set at each ring; the loop that waits for it clears it."""
        event = threading.Event()
        self._events.append(event)
        return event

    def listen(self) -> None:
        """Listen until stopped; a lost connection is taken up again, loops look by themselves meanwhile."""
        hear = self._hear_redis if config().redis_url else self._hear_postgres
        while not self._stop.is_set():
            try:
                hear()
            except Exception as error:
                log.warning("bell lost", extra={"error": type(error).__name__})
                self._stop.wait(1.0)

    def _hear_postgres(self) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._stop.is_set():
                if list(connection.notifies(timeout=PATIENCE, stop_after=1)):
                    self.ring()
                    self._stop.wait(BETWEEN_RINGS)

    def _hear_redis(self) -> None:
        import redis

        with redis.Redis.from_url(config().redis_url) as client, client.pubsub() as pubsub:
            pubsub.subscribe(CHANNEL)
            while not self._stop.is_set():
                if pubsub.get_message(ignore_subscribe_messages=True, timeout=PATIENCE):
                    self.ring()

    def ring(self) -> None:
        """Wake the loops of this process."""
        for event in self._events:
            event.set()


def keep_working(
    name: str,
    step: Callable[[], int],
    *,
    wake: threading.Event,
    stop: threading.Event,
    rest: float = 0.0,
) -> None:
    """Call `step` until there is nothing to do, sleep until woken, go on; never ends by an error.

    `step` returns how much it did. `rest` seconds are let pass after waking, so that more has gathered.
    After an error the pause doubles up to `LONGEST_PAUSE`.
    """
    pause = 0.25
    while not stop.is_set():
        wake.clear()
        try:
            while not stop.is_set() and step():
                pause = 0.25
        except Exception as error:
            log.exception("loop failed", extra={"loop": name, "error": type(error).__name__})
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        if wake.wait(PATIENCE) and rest:
            stop.wait(rest)
