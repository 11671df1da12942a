"""One command starts everything, keeps it running, and leaves nothing behind."""

from __future__ import annotations

import json
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
from rapport.kernel.announcing import find_address
from rapport.kernel.pg.reaching import find_running

PATIENCE = 240
PROCESS = re.compile(r"(?:\S+/python\S* -m )?rapport(?:\.cli\.mourning \d+)? (\w+)|\S*/postgres -D")
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


class Up:
    """A `rapport up` on an embedded database of its own."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.words = home / f"up-{time.monotonic_ns()}.log"
        with self.words.open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rapport", "up", "--port", "0", *options],
                stdout=words,
                stderr=words,
                env=environment_of(home),
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
        """The process id of each child by its name: one of each where the system forks, else one of a kind."""
        told = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True)
        rows = [line.split(None, 2) for line in told.stdout.splitlines()[1:] if line.count(" ") > 1]
        # Numbers of processes begin anew some day: a nursery may stand below what it forked.
        matches = [(int(p), int(of), PROCESS.match(args)) for p, of, args in rows]
        ours = [(pid, of, match[1] or "postgres") for pid, of, match in matches if match]
        nursery = {p for p, of, word in ours if word == "nursery" and of == self.process.pid}
        found = dict[str, int]()
        for pid, parent, word in ours:
            if parent in {self.process.pid, *nursery}:
                found[_free_name(word, found)] = pid
        return found

    def stop(self, number: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)


def _free_name(word: str, taken: dict[str, int]) -> str:
    return next(name for name in (word, f"{word} 2", f"{word} 3") if name not in taken)


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
    assert set(first) - {"nursery"} == {"edge", "edge 2", "work", "work 2", "postgres"}
    for word in set(first) - {"nursery"}:
        os.kill(first[word], signal.SIGKILL)
    wait(lambda: set(up.children()) == set(first))
    assert set(up.children().values()) & set(first.values()) <= {first.get("nursery")}
    wait(up.answers)
    last = up.children()
    assert up.stop() == 0
    assert not [word for word, pid in last.items() if is_alive(pid)]
    assert up.said.rstrip().endswith("Stopped."), up.said
    assert find_running(up.home) is None


@pytest.mark.timeout(600)
def test_the_first_start_tells_how_far_it_has_come(up: Up) -> None:
    assert up.url
    said = "".join(log.read_text() for log in up.home.glob("up-*.log"))
    steps = re.search(r"to this version \((\d+) steps\)", said)
    assert steps
    assert f"step {steps[1]} of {steps[1]}\n" in said


@pytest.mark.timeout(600)
def test_a_second_start_on_the_same_folder_is_refused_by_name(up: Up) -> None:
    assert up.url
    second = subprocess.run(
        up.process.args, capture_output=True, text=True, env=environment_of(up.home), check=False
    )
    assert second.returncode == 1
    assert f"already served by process {up.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr
    assert up.answers()


@pytest.mark.timeout(600)
def test_a_command_in_another_terminal_names_the_address_that_is_served(up: Up) -> None:
    assert up.url
    words = [sys.executable, "-m", "rapport", "channel", "add", "webhook", "--name", "Shop"]
    told = subprocess.run(words, capture_output=True, env=environment_of(up.home), check=True)
    assert json.loads(told.stdout)["url"].startswith(f"{up.url}/hooks/webhook/")
    up.stop()
    assert find_address(up.home) == ""


@pytest.mark.timeout(600)
@only_linux
def test_a_killed_nursery_is_started_again_with_all_that_it_forked(up: Up) -> None:
    assert up.url
    first = up.children()
    os.kill(first["nursery"], signal.SIGKILL)
    wait(lambda: set(up.children()) == set(first) and up.children()["edge"] != first["edge"])
    wait(lambda: not [w for w in first if w != "postgres" and is_alive(first[w])])
    assert up.children()["postgres"] == first["postgres"]
    wait(up.answers)
    assert up.stop() == 0


@pytest.mark.timeout(600)
@only_linux
def test_the_nursery_has_one_thread_and_no_connection_to_lose_in_a_fork(up: Up) -> None:
    assert up.url
    proc = Path("/proc", str(up.children()["nursery"]))
    assert len(list((proc / "task").iterdir())) == 1
    opened = [os.readlink(file) for file in (proc / "fd").iterdir()]
    assert len([name for name in opened if name.startswith("socket:")]) == 1, opened
    assert not [name for name in opened if "eventpoll" in name], opened


@pytest.mark.timeout(600)
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


def environment_of(home: Path) -> dict[str, str]:
    """As an operator's shell has it: no database, and nothing that pytest-django has set."""
    ours = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "RAPPORT_HOME": str(home)}
