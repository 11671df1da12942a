"""Trying: throw-away servers and databases for tests and benchmarks; fast, and safe for nothing.

python -m rapport.kernel.pg.trying FOLDER PID      serve FOLDER until process PID ends
"""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from rapport.kernel.pg.faults import StartFailed
from rapport.kernel.pg.supervising import EmbeddedServer


@contextmanager
def throwaway_server(folder: Path) -> Iterator[str]:
    """A server without fsync below `folder`; yields its DATABASE_URL, removes it all afterwards.

    The role in the URL is no superuser but may create databases.
    """
    server = EmbeddedServer(folder, profile="throwaway", may_create_account=False)
    try:
        yield server.start()
    finally:
        server.stop(timeout=10)
        shutil.rmtree(server.places.folder, ignore_errors=True)


def share_server(folder: Path, *, while_pid: int) -> str:
    """The DATABASE_URL of the one throw-away server of this folder, started by whoever asks first.

    It is kept by a process of its own and ends when the process `while_pid` ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "url"
    with (folder / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if told.exists():
            return told.read_text(encoding="utf-8")
        with (folder / "keeper.log").open("wb") as words:
            keeper = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", __name__, str(folder), str(while_pid)],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        while not told.exists():
            if keeper.poll() is not None:
                raise StartFailed((folder / "keeper.log").read_text(errors="replace"))
            time.sleep(0.02)
        keeper.returncode = 0  # it outlives us on purpose: no warning about that
        return told.read_text(encoding="utf-8")


def keep_server(folder: Path, *, while_pid: int) -> None:
    """Serve the folder until the process ends; its URL is told in the file `url`."""
    with throwaway_server(folder) as url:
        fresh = folder / "url.fresh"
        fresh.write_text(url, encoding="utf-8")
        fresh.rename(folder / "url")
        wait_for_end(while_pid)
        (folder / "url").unlink(missing_ok=True)


def wait_for_end(pid: int) -> None:
    """Wait until the process has ended; a zombie has."""
    if hasattr(os, "pidfd_open"):
        try:
            watch = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        try:
            select.select([watch], [], [])
        finally:
            os.close(watch)
        return
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.2)


def name_database(url: str, name: str) -> str:
    """The same server's URL for another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def create_database(url: str, name: str, *, template: str | None = None) -> str:
    """Create a database, as a quick copy of `template` if given; returns its URL.

    Nobody may be connected to the template meanwhile.
    """
    import psycopg
    from psycopg import sql

    words = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        words += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(words)
    return name_database(url, name)


def drop_database(url: str, name: str) -> None:
    """Drop a database, ending whoever is connected to it; a missing one is dropped already."""
    import psycopg
    from psycopg import sql

    words = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(words)


if __name__ == "__main__":
    keep_server(Path(sys.argv[1]), while_pid=int(sys.argv[2]))
