"""One command starts everything, keeps it running, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rapport.cli.failing import CommandFailed
from rapport.cli.up import settle
from rapport.kernel.pg.reaching import find_running

PATIENCE = 240


class Up:
    """A `rapport up` on an embedded database of its own."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.words = home / f"up-{time.monotonic_ns()}.log"
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        with self.words.open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rapport", "up", "--port", "0", *options],
                stdout=words,
                stderr=words,
                env={**kept, "RAPPORT_HOME": str(home)},
            )

    @property
    def said(self) -> str:
        return self.words.read_text(encoding="utf-8", errors="replace")

    @property
    def url(self) -> str:
        wait(lambda: "Stop with Ctrl-C" in self.said or self.process.poll() is not None)
        found = re.search(r"Address +(\S+)", self.said)
        assert found, self.said
        return found[1]

    def answers(self, path: str = "/healthz") -> bool:
        try:
            return urllib.request.urlopen(self.url + path, timeout=5).status == 200
        except (OSError, urllib.error.HTTPError):
            return False

    def children(self) -> dict[str, int]:
        """The process id of each child by its word."""
        told = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True)
        rows = [line.split(None, 2) for line in told.stdout.splitlines()[1:]]
        own = [(pid, args) for pid, parent, args in rows if int(parent) == self.process.pid]
        found = ((re.search(r"-m rapport (\w+)|(postgres)", args), int(pid)) for pid, args in own)
        return {match[1] or match[2]: pid for match, pid in found if match}

    def stop(self, number: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)


def wait(until: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all tests here: only the first start has to make tables."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    started = Up(home, "--no-demo")
    yield started
    started.stop()


@pytest.mark.timeout(600)
def test_everything_starts_heals_and_stops(up: Up) -> None:
    assert up.answers()
    assert re.search(r"Set it up +http://127.0.0.1:\d+/setup/\S{20,}", up.said)
    first = up.children()
    assert set(first) == {"edge", "work", "postgres"}
    for word in first:
        os.kill(first[word], signal.SIGKILL)
    wait(lambda: set(up.children()) == set(first))
    assert not set(up.children().values()) & set(first.values())
    wait(up.answers)
    last = up.children()
    assert up.stop() == 0
    assert not [word for word, pid in last.items() if is_alive(pid)]
    assert up.said.rstrip().endswith("Stopped."), up.said
    assert find_running(up.home) is None


@pytest.mark.timeout(600)
def test_a_second_start_on_the_same_folder_is_refused_by_name(up: Up) -> None:
    assert up.url
    second = subprocess.run(
        up.process.args, capture_output=True, text=True, env=_environment_of(up), check=False
    )
    assert second.returncode == 1
    assert f"already served by process {up.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr
    assert up.answers()


@pytest.mark.timeout(600)
@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)
def test_a_killed_supervisor_takes_its_children_along(up: Up) -> None:
    assert up.url
    children = up.children()
    up.stop(signal.SIGKILL)
    wait(lambda: not [pid for pid in children.values() if is_alive(pid)])


def test_a_port_that_is_taken_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    import argparse
    import socket

    monkeypatch.setattr("rapport.cli.up.PORT_PATIENCE", 0.1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandFailed, match=rf"127.0.0.1:{port} .*--port 0"):
            settle(argparse.Namespace(host=None, port=port))


def test_the_watching_process_carries_no_django() -> None:
    words = (
        "import sys, rapport.cli.up; sys.exit('django' in sys.modules or 'psycopg' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0


def _environment_of(up: Up) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "RAPPORT_HOME": str(up.home)}
