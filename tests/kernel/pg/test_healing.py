"""What a killed supervisor leaves behind: nothing, or something that the next start heals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from rapport.kernel.pg.guarding import guard_death
from rapport.kernel.pg.healing import is_server, read_pid_file
from rapport.kernel.pg.launching import launch, name_folder
from rapport.kernel.pg.lending import lend_programs
from rapport.kernel.pg.lowering import choose_account
from rapport.kernel.pg.placing import choose_sockets
from rapport.kernel.pg.supervising import EmbeddedServer
from tests.kernel.pg.conftest import (
    ROOT,
    ask,
    only_linux,
    processes_in,
    supervise_apart,
    wait_until,
)


@pytest.fixture
def letters(server: EmbeddedServer) -> EmbeddedServer:
    """A server that was stopped in order and holds one letter."""
    ask(server.start(), "create table letter as select 1 as number")
    server.stop()
    return server


@only_linux
def test_a_server_does_not_outlive_its_killed_supervisor(letters: EmbeddedServer) -> None:
    supervisor, url, _ = supervise_apart(letters.places.folder.parent)
    ask(url, "insert into letter values (2)")
    supervisor.kill()
    supervisor.communicate()
    wait_until(lambda: processes_in(letters.places.data) == [])
    assert ask(letters.start(), "select count(*) from letter") == [(2,)]


def test_the_next_start_may_come_before_the_old_server_has_ended(letters: EmbeddedServer) -> None:
    supervisor, url, old = supervise_apart(letters.places.folder.parent)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into letter values (2)")
        supervisor.kill()
        supervisor.communicate()
        assert ask(letters.start(), "select count(*) from letter") == [(2,)]
    assert letters.pid != old


@only_linux
def test_a_start_after_everything_was_killed_at_once(letters: EmbeddedServer) -> None:
    supervisor, url, old = supervise_apart(letters.places.folder.parent)
    ask(url, "insert into letter values (2)")
    backends = processes_in(letters.places.data)
    os.kill(old, signal.SIGSTOP)  # it must not hear of its parent's end
    for pid in (supervisor.pid, *backends):
        with suppress(ProcessLookupError):  # the backend that answered us has gone by itself
            os.kill(pid, signal.SIGKILL)
    supervisor.communicate()
    assert read_pid_file(letters.places.data) is not None
    assert ask(letters.start(), "select count(*) from letter") == [(2,)]


def test_an_orphan_that_heard_nothing_is_ended_first(letters: EmbeddedServer) -> None:
    with _orphan(letters) as orphan:
        assert is_server(orphan.pid, letters.places.data)
        assert ask(letters.start(), "select count(*) from letter") == [(1,)]
        assert orphan.wait(10) == 0


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(letters: EmbeddedServer) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        _write_pid_file(letters, stranger.pid)
        assert ask(letters.start(), "select count(*) from letter") == [(1,)]
        assert stranger.poll() is None
        stranger.kill()


def test_a_pid_file_that_names_a_zombie_is_no_obstacle(letters: EmbeddedServer) -> None:
    zombie = subprocess.Popen(["true"])
    told = ["ps", "-o", "stat=", "-p", str(zombie.pid)]
    wait_until(lambda: subprocess.check_output(told).startswith(b"Z"))
    _write_pid_file(letters, zombie.pid)
    assert not is_server(zombie.pid, letters.places.data)
    assert ask(letters.start(), "select count(*) from letter") == [(1,)]
    zombie.wait()


def test_where_there_is_no_proc_only_a_server_of_this_very_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.path.exists", lambda path: not str(path).startswith("/proc"))
    words = ["sh", "-c", "read word", "postgres", "-D", str(tmp_path), "-c", "port=5432"]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as server:
        assert is_server(server.pid, tmp_path)
        assert not is_server(server.pid, tmp_path.with_name(tmp_path.name[:-1]))
        assert not is_server(server.pid, tmp_path / "data")
    with subprocess.Popen(["sleep", "60"]) as stranger:
        assert not is_server(stranger.pid, tmp_path)
        stranger.kill()
    assert not is_server(server.pid, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\0\0\0\0", b"not a number\n"])
def test_a_pid_file_emptied_by_a_power_cut_is_no_obstacle(
    letters: EmbeddedServer, content: bytes
) -> None:
    (letters.places.data / "postmaster.pid").write_bytes(content)
    assert ask(letters.start(), "select count(*) from letter") == [(1,)]


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """Children that heed SIGINT: what a shell starts in the background ignores it, and so do its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_interrupts")
def test_the_guard_ends_a_server_whose_supervisor_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as server:
        (tmp_path / "postmaster.pid").write_text(f"{server.pid}\n/somewhere\n")
        words = (
            "import sys, time; from pathlib import Path\n"
            "from rapport.kernel.pg.guarding import guard_death\n"
            f"guard_death({server.pid}, Path(sys.argv[1])); print(flush=True); time.sleep(60)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", words, str(tmp_path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as supervisor:
            assert supervisor.stdout is not None
            supervisor.stdout.readline()
            assert server.poll() is None
            supervisor.kill()
        assert server.wait(10) == -signal.SIGINT


def test_a_dismissed_guard_harms_nobody(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as server:
        (tmp_path / "postmaster.pid").write_text(f"{server.pid}\n/somewhere\n")
        guard_death(server.pid, tmp_path).dismiss()
        assert server.poll() is None
        server.kill()


@contextmanager
def _orphan(letters: EmbeddedServer) -> Iterator[subprocess.Popen[bytes]]:
    """A server of the folder that nobody supervises and that hears of nobody's death."""
    data = letters.places.data
    account = choose_account(data, may_create=False)
    sockets = choose_sockets(letters.places, account)
    arguments = ["-D", name_folder(data, account), "-c", f"unix_socket_directories={sockets}"]
    program = lend_programs(account) / "postgres"
    with launch(program, arguments, account=account, folder=data) as process:
        assert process.stdout is not None
        assert any(b"ready to accept" in line for line in process.stdout)
        yield process
        process.kill()


def _write_pid_file(letters: EmbeddedServer, pid: int) -> None:
    path = letters.places.data / "postmaster.pid"
    path.write_text(
        f"{pid}\n{letters.places.data}\n1700000000\n5432\n/nowhere\n\n  123  0\nready\n"
    )
    os.chown(path, letters.places.data.stat().st_uid, letters.places.data.stat().st_gid)
