"""Reaching: the embedded server for one command, whether it is running already or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rapport.kernel.pg.faults import FolderHeld, StartFailed
from rapport.kernel.pg.healing import is_server, read_pid_file
from rapport.kernel.pg.holding import is_held
from rapport.kernel.pg.placing import connection_url, places_of
from rapport.kernel.pg.supervising import EmbeddedServer


@contextmanager
def reach_server(home: Path, *, timeout: float = 60.0) -> Iterator[str]:
    """The DATABASE_URL of the embedded server of a data folder, for the length of the block.

    A server that is up is used and left alone; otherwise one is started and ended. Raises PgError.
    """
    deadline = time.monotonic() + timeout
    while True:
        if url := find_running(home):
            yield url
            return
        server = EmbeddedServer(home)
        try:
            server.start()
        except FolderHeld as held:
            if time.monotonic() > deadline:  # it is held, but never became ready
                raise StartFailed(f"{held} It does not take connections, however.") from held
            time.sleep(0.1)
            continue
        try:
            yield server.url
        finally:
            server.stop()
        return


def find_running(home: Path) -> str | None:
    """The DATABASE_URL of a supervised server that takes connections now, or None."""
    places = places_of(home)
    if not is_held(places.lock):
        return None
    found = read_pid_file(places.data)
    if found is None or not found.ready or found.sockets is None:
        return None
    return connection_url(found.sockets) if is_server(found.pid, places.data) else None
