"""What the tests of the embedded server share: real processes, real kills."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from rapport.kernel.pg.supervising import EmbeddedServer

ROOT = Path(__file__).resolve().parents[3]
SUPERVISE = """\
import sys, time
from pathlib import Path
from rapport.kernel.pg.supervising import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), may_create_account=False)
print(server.start(), server.pid, flush=True)
time.sleep(600)
"""

only_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="looks at the processes of a folder, which only Linux tells"
)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose server was made, started and stopped once."""
    home = tmp_path_factory.mktemp("made")
    with EmbeddedServer(home, may_create_account=False):
        return home


@pytest.fixture
def server(made_home: Path, tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A durable server on a copy of that folder, not started yet."""
    shutil.copytree(made_home / "postgres" / "data", tmp_path / "postgres" / "data")
    made = EmbeddedServer(tmp_path, may_create_account=False)
    yield made
    made.stop()


def ask(url: str, words: str) -> list[tuple[object, ...]]:
    """Run one statement in its own transaction; the rows if there are any."""
    with psycopg.connect(url) as connection:
        cursor = connection.execute(words)
        return cursor.fetchall() if cursor.description else []


def wait_until(told: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait until it is so, else fail."""
    deadline = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def supervise_apart(home: Path) -> tuple[subprocess.Popen[str], str, int]:
    """A supervisor in a process of its own; with its server's URL and pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(home)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    url, pid = process.stdout.readline().split()
    return process, url, int(pid)


def processes_in(folder: Path) -> list[int]:
    """The living processes that stand in this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:
            continue
    return found
