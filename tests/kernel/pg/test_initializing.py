"""A database folder is made whole or not at all, and a foreign one is left alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rapport.kernel.pg.faults import FolderUnusable
from rapport.kernel.pg.initializing import write_inside
from rapport.kernel.pg.lowering import choose_account
from rapport.kernel.pg.supervising import EmbeddedServer
from tests.kernel.pg.conftest import ROOT, SUPERVISE, ask, processes_in, wait_until


def _new(home: Path) -> EmbeddedServer:
    return EmbeddedServer(home, may_create_account=False)


@pytest.mark.parametrize("moment", ["base/1/PG_VERSION", "conf.d"])
def test_a_start_killed_while_the_folder_is_made_is_done_again(tmp_path: Path, moment: str) -> None:
    command = [sys.executable, "-c", SUPERVISE, str(tmp_path)]
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}) as killed:
        wait_until(lambda: any((tmp_path / "postgres").glob(f"data.initializing-*/{moment}")))
        killed.send_signal(signal.SIGKILL)
    assert not (tmp_path / "postgres" / "data").exists()
    left = list((tmp_path / "postgres").glob("data.initializing-*"))
    wait_until(lambda: not any(processes_in(folder) for folder in left))
    with _new(tmp_path) as server:
        assert ask(server.url, "select current_user") == [("rapport",)]
    assert not list((tmp_path / "postgres").glob("data.initializing-*"))


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    with _new(tmp_path) as server:
        assert ask(server.url, "select 1") == [(1,)]


def test_a_folder_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "postgres" / "data" / "thesis.txt").write_text("precious")
    with pytest.raises(FolderUnusable, match="holds no readable database"):
        _new(tmp_path).start()
    assert (tmp_path / "postgres" / "data" / "thesis.txt").read_text() == "precious"


def test_a_folder_of_another_version_is_left_alone_and_the_fix_is_named(
    server: EmbeddedServer,
) -> None:
    (server.places.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(FolderUnusable, match=r"made by PostgreSQL 16.*Back it up"):
        server.start()
    with pytest.raises(FolderUnusable):  # and nothing holds the folder after the refusal
        server.start()


def test_a_home_that_cannot_be_made_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(FolderUnusable, match="RAPPORT_HOME"):
        _new(tmp_path / "home").start()


@pytest.mark.parametrize(
    "name", ["with spaces", "zażółć 漢字", 'comma, "quote" \'n $HOME', "l" * 150]
)
def test_any_path_is_served(made_home: Path, tmp_path: Path, name: str) -> None:
    home = tmp_path / name / "deeper"
    shutil.copytree(made_home / "postgres" / "data", home / "postgres" / "data")
    with _new(home) as server:
        assert ask(server.url, "select 1") == [(1,)]
        sockets = server._sockets
        assert len(os.fsencode(sockets)) < 90
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert sockets.parent == server.places.folder or not sockets.exists()


def test_settings_of_the_operator_win_over_ours(server: EmbeddedServer) -> None:
    (server.places.data / "conf.d" / "zz-own.conf").write_text("work_mem = '33MB'\n")
    assert ask(server.start(), "show work_mem") == [("33MB",)]


def test_settings_are_never_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pg_hba.conf").symlink_to(tmp_path / "precious")
    (tmp_path / "data" / "conf.d").symlink_to(tmp_path)
    account = choose_account(tmp_path / "data", may_create=False)
    write_inside(tmp_path / "data", "pg_hba.conf", "ours", account)
    assert (tmp_path / "precious").read_text() == "precious"
    with pytest.raises(OSError):
        write_inside(tmp_path / "data", "conf.d/rapport.conf", "ours", account)
