"""A whole desk of real processes that can be killed: PostgreSQL, an edge with its pages, two workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg

from rapport.kernel.journal.eras import begin_era
from rapport.kernel.pg.dumping import load_database
from rapport.kernel.pg.supervising import EmbeddedServer
from tests.browser import free_port

PATIENCE = 60.0
#: What a test asks a database that comes and goes.
AWAY = (psycopg.OperationalError, psycopg.InterfaceError)


class Part:
    """One process `rapport …` that is started again as soon as it ends."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str], log: Path):
        self.name, self.log = name, log
        self._arguments, self._environment = arguments, environment
        self.process = self._start()
        self.starts = 1

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as words:
            return subprocess.Popen(
                [sys.executable, "-m", "rapport", *self._arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )

    def tend(self) -> None:
        """Start it again if it has ended."""
        if self.process.poll() is not None:
            self.process, self.starts = self._start(), self.starts + 1

    def send(self, number: int) -> None:
        """Send a signal; a kill is waited for."""
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait(20)


class Stand:
    """The desk below a folder; a keeper thread starts again whatever falls, until `close`."""

    def __init__(self, folder: Path, dump: Path, **settings: str) -> None:
        self.folder = folder
        self.server = EmbeddedServer(folder / "desk", may_create_account=False)
        self.database_url = self.server.start()
        load_database(self.database_url, dump, replace=True)
        with psycopg.connect(self.database_url) as connection:
            begin_era(connection)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"},
            "DATABASE_URL": self.database_url,
            "RAPPORT_PUBLIC_URL": self.url,
            "RAPPORT_LOG_FORMAT": "json",
            **settings,
        }
        self.parts: dict[str, Part] = {}
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self, *, workers: int = 2) -> None:
        """Start the edge and the workers, and wait until the edge is ready."""
        self._add("edge", "edge", "--with-web", "--host", "127.0.0.1", "--port", str(self.port))
        for number in range(workers):
            self._add(f"worker {number}", "work")
        self._keeper.start()
        self.await_ready()

    def _add(self, name: str, *arguments: str) -> None:
        log = self.folder / f"{name}.log"
        self.parts[name] = Part(name, list(arguments), self._environment, log)

    def _keep(self) -> None:
        while not self._closing.wait(0.02):
            for part in self.parts.values():
                part.tend()

    @property
    def workers(self) -> list[Part]:
        return [part for name, part in self.parts.items() if name.startswith("worker")]

    def await_ready(self) -> None:
        """Wait until the edge can store and the pages can read."""
        self.await_true(lambda: self._answers("/readyz") == 200, "the edge is ready")

    def _answers(self, path: str) -> int:
        try:
            return httpx.get(self.url + path, timeout=5, trust_env=False).status_code
        except httpx.TransportError:
            return 0

    def await_true(
        self, is_true: Callable[[], Any], words: str, *, seconds: float = PATIENCE
    ) -> None:
        """Wait until it is so, else fail with the ends of all logs."""
        until = time.monotonic() + seconds
        while not is_true():
            assert time.monotonic() < until, f"never came: {words}\n{self.last_words()}"
            time.sleep(0.1)

    def last_words(self) -> str:
        """The end of every process's log."""
        logs = [part.log for part in self.parts.values()]
        return "\n".join(f"== {log}\n{log.read_text(errors='replace')[-1500:]}" for log in logs)

    def ask(self, words: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query; asked again while the database is away."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with psycopg.connect(self.database_url, connect_timeout=5) as connection:
                    return connection.execute(words, values).fetchall()
            except AWAY:
                assert time.monotonic() < until, self.last_words()
                time.sleep(0.05)

    def number(self, words: str, *values: Any) -> int:
        """The one number that a query gives."""
        return int(self.ask(words, *values)[0][0])

    def signal_workers(self, number: int) -> None:
        """Send all workers a signal."""
        for worker in self.workers:
            worker.send(number)

    @contextmanager
    def holding(self, statement: str) -> Iterator[psycopg.Connection[Any]]:
        """Hold a lock in an open transaction for as long as the block runs."""
        connection = psycopg.connect(self.database_url)
        try:
            connection.execute(statement)
            yield connection
        finally:
            with suppress(*AWAY):
                connection.rollback()
            connection.close()

    def await_stuck(self, table: str = "") -> None:
        """Wait until somebody waits for the test's lock of a table, or for its advisory lock 77."""
        held = "relation = %s::regclass" if table else "locktype = 'advisory' AND objid = %s::int"
        words = f"SELECT count(*) FROM pg_locks WHERE NOT granted AND {held}"
        self.await_true(lambda: self.number(words, table or "77"), f"stuck at {table or 'COMMIT'}")

    def kill_postmaster(self) -> None:
        """Kill PostgreSQL's first process; the supervisor starts it again."""
        if self.server.pid is not None:
            os.kill(self.server.pid, signal.SIGKILL)

    def kill_backend(self) -> None:
        """Kill one process of PostgreSQL, which makes it end all the others and recover."""
        words = (
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )
        for (pid,) in self.ask(words):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """End everything."""
        self._closing.set()
        if self._keeper.ident is not None:
            self._keeper.join(20)
        for part in self.parts.values():
            part.process.send_signal(signal.SIGCONT)
            part.process.kill()
            part.process.wait(20)
        self.server.stop()
