"""One command finds the server that runs, or has one for its own length."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from rapport.kernel.pg.faults import FolderHeld
from rapport.kernel.pg.healing import read_pid_file
from rapport.kernel.pg.holding import FolderHold, is_held, read_holder
from rapport.kernel.pg.reaching import find_running, reach_server
from rapport.kernel.pg.supervising import EmbeddedServer
from tests.kernel.pg.conftest import ask, wait_until


def test_a_running_server_is_used_and_left_alone(server: EmbeddedServer, tmp_path: Path) -> None:
    server.start()
    pid = server.pid
    with reach_server(tmp_path) as url:
        assert url == server.url
        assert ask(url, "select 1") == [(1,)]
    assert server.pid == pid
    assert ask(server.url, "select 1") == [(1,)]


def test_without_one_a_server_is_there_for_the_block(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    assert find_running(tmp_path) is None
    with reach_server(tmp_path) as url:
        assert find_running(tmp_path) == url
        assert ask(url, "select 1") == [(1,)]
    assert find_running(tmp_path) is None
    assert read_pid_file(server.places.data) is None


def test_a_held_folder_names_its_holder_until_it_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = FolderHold(path), FolderHold(path)
    first.take()
    assert is_held(path)
    with pytest.raises(FolderHeld):
        second.take()
    first.drop()
    first.drop()
    assert not is_held(path)
    second.take()
    second.drop()
    assert read_holder(tmp_path / "missing") is None


def test_a_forked_child_does_not_keep_the_folder_held(tmp_path: Path) -> None:
    hold = FolderHold(tmp_path / "lock")
    hold.take()
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=[60])
    child.start()
    hold.drop()
    wait_until(lambda: not is_held(tmp_path / "lock"))
    child.kill()
    child.join()
    child.close()
