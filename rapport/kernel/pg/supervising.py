"""Supervising: an embedded PostgreSQL that lives as long as we do, and comes back when it is killed."""

from __future__ import annotations

import logging
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from rapport.kernel.pg.faults import PgError, StartFailed, fault_from_words
from rapport.kernel.pg.guarding import guard_death
from rapport.kernel.pg.healing import heal_folder, read_pid_file
from rapport.kernel.pg.holding import FolderHold
from rapport.kernel.pg.initializing import ensure_initialized, write_settings
from rapport.kernel.pg.launching import describe_exit, launch, name_folder
from rapport.kernel.pg.lending import lend_programs
from rapport.kernel.pg.lowering import Account, choose_account
from rapport.kernel.pg.placing import (
    PORT,
    choose_sockets,
    clear_sockets,
    connection_url,
    lay_folder,
    make_private,
    places_of,
)
from rapport.kernel.pg.retelling import Retelling
from rapport.kernel.pg.tuning import Profile

logger = logging.getLogger("rapport.kernel")

State = Literal["stopped", "starting", "ready", "restarting"]
FIRST_PAUSE, LONGEST_PAUSE, STEADY = 0.1, 5.0, 60.0
# Backends of a killed server finish within moments; until then a new one refuses to start.
LINGERING = "is still in use"


class EmbeddedServer:
    """One PostgreSQL below a data folder. `start()` gives its DATABASE_URL, `stop()` ends it.

    All work with the process is done by one keeper thread: the kernel binds the server's life to the
    *thread* that started it, so that thread must live as long as the server.
    """

    def __init__(
        self, home: Path, *, profile: Profile = "durable", may_create_account: bool = True
    ) -> None:
        self.places = places_of(home)
        self.state: State = "stopped"
        self.fault: PgError | None = None
        self.restarts = 0
        self._profile = profile
        self._may_create_account = may_create_account
        self._hold = FolderHold(self.places.lock)
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._account: Account
        self._programs: Path
        self._sockets: Path

    def start(self, *, timeout: float | None = None) -> str:
        """Start the server, made first if need be, and wait until it takes connections.

        Returns a DATABASE_URL for psycopg and Django. Raises FolderHeld, DiskFull or another
        PgError; then nothing is left running. Without a `timeout` (seconds) it waits as long as
        the server lives: one that recovers from a crash must not be ended for being slow.
        """
        if self._keeper is not None:
            return self.wait_ready(timeout=timeout)
        self.begin()
        try:
            return self.wait_ready(timeout=timeout)
        except BaseException:
            self.stop()
            raise

    def begin(self) -> str:
        """Make the server if need be and set its start going; returns the DATABASE_URL at once.

        `wait_ready` then says when it takes connections. Raises FolderHeld, DiskFull or another PgError.
        """
        self._account = choose_account(self.places.data, may_create=self._may_create_account)
        lay_folder(self.places, self._account)
        self._hold.take()
        try:
            self._prepare()
            self._stopping.clear()
            self.fault, self.restarts = None, 0
            self._move("starting")
            self._keeper = threading.Thread(target=self._keep, name="postgres-keeper", daemon=True)
            self._keeper.start()
        except BaseException:
            self.stop()
            raise
        return self.url

    @property
    def url(self) -> str:
        """The DATABASE_URL; known once `start()` was called."""
        return connection_url(self._sockets)

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        process = self._process
        return process.pid if process is not None else None

    def wait_ready(self, *, timeout: float | None = None) -> str:
        """Wait until the server takes connections; returns the DATABASE_URL, raises PgError."""
        with self._changed:
            settled = self._changed.wait_for(lambda: self.state in ("ready", "stopped"), timeout)
        if self.state == "ready":
            return self.url
        if self.fault is not None:
            raise self.fault
        raise StartFailed(
            f"PostgreSQL in {self.places.folder} "
            + ("is stopped" if settled else f"was not ready after {timeout} s")
        )

    def stop(self, *, timeout: float = 60.0) -> None:
        """End the server in order (fast), after `timeout` seconds at once; idempotent."""
        self._stopping.set()
        keeper = self._keeper
        if keeper is not None:
            for number, patience in (
                (signal.SIGINT, timeout),
                (signal.SIGQUIT, 10.0),
                (signal.SIGKILL, 10.0),
            ):
                if self._end_keeper(keeper, number, patience):
                    break
            self._keeper = None
            if self._sockets.parent != self.places.folder:
                shutil.rmtree(self._sockets, ignore_errors=True)
        self._hold.drop()
        self._move("stopped")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _prepare(self) -> None:
        self._programs = lend_programs(self._account)
        if self.places.data.exists():
            heal_folder(self.places.data)
        ensure_initialized(
            self.places, programs=self._programs, account=self._account, profile=self._profile
        )
        try:
            write_settings(self.places, account=self._account, profile=self._profile)
            self._sockets = choose_sockets(self.places, self._account)
        except OSError as fault:
            raise fault_from_words(str(fault), where=str(self.places.folder)) from fault

    def _keep(self) -> None:
        """The keeper thread: start, wait for the end, say why, pause, start again."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self.fault = self._run_once()
            except Exception as fault:
                logger.exception("PostgreSQL could not be started")
                self.fault = fault if isinstance(fault, PgError) else StartFailed(str(fault))
            if self._stopping.is_set():
                break
            if self.state == "starting" and LINGERING not in str(self.fault):
                break  # the first start failed: that is the caller's to know
            if self.state == "ready":
                self._move("restarting")
            if time.monotonic() - began > STEADY:
                pause = FIRST_PAUSE
            self.restarts += 1
            logger.error("PostgreSQL ended: starting it again", extra={"pause": pause})
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        self._move("stopped")

    def _run_once(self) -> StartFailed | None:
        """Run the server until it ends; returns why, or None when it was asked to."""
        heal_folder(self.places.data)
        make_private(self._sockets, self._account)  # a cleaner of /tmp may have come by
        clear_sockets(self._sockets)
        with self._changed:
            if self._stopping.is_set():
                return None
            process = self._process = self._launch()
        assert process.stdout is not None  # noqa: S101 - launched with a pipe
        words = Retelling(process.stdout, path=self.places.words)
        guard = guard_death(process.pid, self.places.data) if sys.platform != "linux" else None
        try:
            self._await_ready(process)
            code = process.wait()
        finally:
            with self._changed:
                self._process = None
            if guard is not None:
                guard.dismiss()
        if self._stopping.is_set():
            return None
        words.wait(1.0)
        said = f"{words.last_words()}\npostgres: {describe_exit(code)}"
        return fault_from_words(said, where=str(self.places.folder))

    def _launch(self) -> subprocess.Popen[bytes]:
        sockets = '"' + str(self._sockets).replace('"', '""') + '"'
        arguments = ["-D", name_folder(self.places.data, self._account)]
        arguments += ["-c", f"unix_socket_directories={sockets}", "-c", f"port={PORT}"]
        return launch(
            self._programs / "postgres",
            arguments,
            account=self._account,
            folder=self.places.data,
            death_signal=signal.SIGINT,
        )

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Look into the pid file until it says ready; ends too when the process ends."""
        nap = 0.005
        while process.poll() is None:
            found = read_pid_file(self.places.data)
            if found is not None and found.pid == process.pid and found.ready:
                self.fault = None
                self._move("ready")
                return
            time.sleep(nap)
            nap = min(nap * 1.5, 0.1)

    def _end_keeper(
        self, keeper: threading.Thread, number: signal.Signals, patience: float
    ) -> bool:
        """Signal the server until the keeper has ended with it; whether it did in time."""
        end = time.monotonic() + patience
        while keeper.is_alive() and time.monotonic() < end:
            with self._changed:  # again and again: before its exec it may not have heard
                if self._process is not None:
                    self._process.send_signal(number)
            keeper.join(1.0)
        return not keeper.is_alive()

    def _move(self, state: State) -> None:
        with self._changed:
            self.state = state
            self._changed.notify_all()
