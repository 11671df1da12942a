"""Racing: two real connections do a thing at the same instant."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections


def race(*runners: Callable[[], Any]) -> list[Any]:
    """Run them at once, each on a connection of its own; what one returns or raises stands in its place."""
    start = threading.Barrier(len(runners))

    def run(runner: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=10)
            return on_own_line(runner)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(runners)) as pool:
        return list(pool.map(run, runners))


def on_own_line(runner: Callable[[], Any]) -> Any:
    """Run it in this thread, on a connection that is closed behind it."""
    try:
        return runner()
    finally:
        connections.close_all()


def wait_for_somebody_who_waits() -> None:
    """Return as soon as another connection waits for a lock that this one holds."""
    ends = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise TimeoutError("nobody waits for this transaction")
