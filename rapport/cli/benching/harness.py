"""The harness of every measurement: a ground of its own, a deadline, and one way to tell the figure."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.request import urlopen

import msgspec

from rapport.cli.failing import CommandFailed
from rapport.cli.forking import MAY_FORK, Forking
from rapport.cli.launching import launch_own
from rapport.cli.supervising import Family, keep_desk
from rapport.kernel.pg.tuning import Profile

#: Every measurement ends, and has cleaned up, within three minutes.
DEADLINE_SECONDS = 165


class Figure(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What was measured; `limit` is what the machine can do in the same run, `ratio` is value by limit."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    n: int | None = None


class TooSlow(CommandFailed):
    """The measurement did not end within its time."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a measurement happens: a data folder, a database of this version, and what it started."""

    home: Path
    database_url: str
    _stack: ExitStack

    def start_desk(self, *, workers: int = 0) -> str:
        """Start the edges that `rapport up` starts, and so many workers, as it does; returns the address."""
        return self._stack.enter_context(self.desk(workers=workers))

    @contextmanager
    def desk(self, *, workers: int = 0) -> Iterator[str]:
        """The same for as long as the block takes."""
        from rapport.kernel.config import config

        port = free_port()
        os.environ.update(
            RAPPORT_HOST="127.0.0.1", RAPPORT_PORT=str(port), RAPPORT_LOG_LEVEL="WARNING"
        )
        with ExitStack() as stack:
            forking = Forking()
            stack.callback(forking.end)
            family = Family(forking.launch if MAY_FORK else launch_own)
            stack.callback(family.stop)
            keep_desk(family, edges=config().edges, workers=workers)
            address = f"http://127.0.0.1:{port}"
            while not is_ready(address):
                family.watch(until=time.monotonic() + 0.05)
            time.sleep(0.5)  # the first edge answers; the others are a moment behind
            yield address


@contextmanager
def bench_home() -> Iterator[Path]:
    """A temporary data folder within the deadline; settings from outside do not count."""
    with ExitStack() as stack:
        stack.enter_context(_deadline())
        home = Path(tempfile.mkdtemp(prefix="rapport-bench-"))
        home.chmod(0o711)  # the service account of the database must come through
        stack.callback(_remove, home)
        stack.enter_context(_environment(RAPPORT_HOME=str(home), DATABASE_URL="", REDIS_URL=""))
        yield home


@contextmanager
def bench_ground(*, profile: Profile = "durable") -> Iterator[Ground]:
    """A temporary data folder with an embedded and migrated database; gone afterwards."""
    from rapport.kernel.config import config
    from rapport.kernel.pg.supervising import EmbeddedServer

    with ExitStack() as stack:
        home = stack.enter_context(bench_home())
        server = EmbeddedServer(home, profile=profile)
        stack.callback(server.stop, timeout=30)
        url = server.start()
        stack.enter_context(_environment(DATABASE_URL=url))
        config.cache_clear()
        _migrate()
        yield Ground(home, url, stack)


def run_program(arguments: Sequence[str], *, given: bytes = b"") -> bytes:
    """Run a program to its end; returns what it printed, raises CommandFailed with its complaint."""
    done = subprocess.run(list(arguments), input=given, capture_output=True, check=False)
    if done.returncode:
        raise CommandFailed(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


def tell(figure: Figure, *, as_json: bool) -> None:
    """Print the figure for a person and, if asked for, as the last line for a program."""
    parts = [f"{figure.name}: {figure.value:g} {figure.unit}"]
    if figure.limit is not None and figure.ratio is not None:
        parts.append(f"limit {figure.limit:g}, ratio {figure.ratio:.2f}")
    times = [(label, getattr(figure, f"{label}_ms")) for label in ("p50", "p95", "p99")]
    parts += [f"{label} {value:g} ms" for label, value in times if value is not None]
    print("; ".join(parts))
    if as_json:
        print(msgspec.json.encode(figure).decode())


def say(words: str) -> None:
    """Tell how far it is, where it does not disturb the figure."""
    print(words, file=sys.stderr, flush=True)


def free_port() -> int:
    """A port of this machine that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End a process in order, after ten seconds at once."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _deadline() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"the measurement took more than {DEADLINE_SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(DEADLINE_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _remove(home: Path) -> None:
    """Take the folder away; the server's last words may come while it is being emptied."""
    for _attempt in range(20):
        shutil.rmtree(home, ignore_errors=True)
        if not home.exists():
            return
        time.sleep(0.1)


def _migrate() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def is_ready(address: str) -> bool:
    """Whether the desk at this address takes requests."""
    try:
        with urlopen(f"{address}/readyz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False
