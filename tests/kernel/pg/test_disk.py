"""A full disk stops the server with a clear word; space given back, it goes on with every row."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rapport.kernel.pg.faults import DiskFull
from rapport.kernel.pg.supervising import EmbeddedServer
from tests.kernel.pg.conftest import as_root, ask, wait_until

pytestmark = as_root


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of so many megabytes as the test says."""
    size = request.param
    (tmp_path / "disk").mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}m", "rapport-test", tmp_path / "disk"],
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("this root may not mount")
    yield tmp_path / "disk"
    subprocess.run(["umount", tmp_path / "disk"], check=True)


@pytest.mark.parametrize("disk", [12], indirect=True)
def test_a_disk_too_small_for_a_new_folder_is_named_and_nothing_is_left(disk: Path) -> None:
    server = EmbeddedServer(disk, may_create_account=False)
    with pytest.raises(DiskFull, match="disk full"):
        server.start()
    assert not list((disk / "postgres").glob("data*"))


@pytest.mark.parametrize("disk", [130], indirect=True)
def test_a_server_on_a_full_disk_heals_when_there_is_space_again(disk: Path) -> None:
    with EmbeddedServer(disk, may_create_account=False) as server:
        ask(server.url, "create table letter (words text)")
        kept = _write_until_full(server.url)
        _fill(disk / "ballast")
        assert server.pid is not None
        os.kill(server.pid, 9)
        wait_until(lambda: isinstance(server.fault, DiskFull))
        (disk / "ballast").unlink()
        wait_until(lambda: server.state == "ready" and server.fault is None)
        assert ask(server.url, "select count(*) from letter") == [(kept,)]


@pytest.mark.parametrize("disk", [130], indirect=True)
def test_starting_on_a_full_disk_says_so_and_works_when_there_is_space(disk: Path) -> None:
    server = EmbeddedServer(disk, may_create_account=False)
    kept = 0
    with server:
        ask(server.url, "create table letter (words text)")
        kept = _write_until_full(server.url)
    _fill(disk / "ballast")
    with pytest.raises(DiskFull, match="disk full"):
        server.start()
    (disk / "ballast").unlink()
    with server:
        assert ask(server.url, "select count(*) from letter") == [(kept,)]


def _write_until_full(url: str) -> int:
    """Commit letters until the disk is full; how many were acknowledged."""
    kept = 0
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            while True:
                words = (
                    "insert into letter select md5(random()::text) from generate_series(1, 20000)"
                )
                connection.execute(words)
                kept += 20000
    except psycopg.Error:
        return kept


def _fill(ballast: Path) -> None:
    try:
        with ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)
    except OSError:
        pass
