"""Throw-away servers: one for a whole run, one database for each test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from rapport.kernel.pg.trying import create_database, drop_database, share_server, throwaway_server


def test_a_throwaway_server_has_a_role_that_is_no_superuser(tmp_path: Path) -> None:
    with throwaway_server(tmp_path) as url, psycopg.connect(url) as connection:
        row = connection.execute("select current_user, usesuper from pg_user").fetchall()
    assert ("rapport", False) in row


def test_a_database_is_copied_from_a_template(postgres_url: str) -> None:
    mark = f"test_pattern_{os.getpid()}"
    with psycopg.connect(create_database(postgres_url, mark)) as connection:
        connection.execute("create table letter as select 'Zażółć 漢字'::text as words")
    twin = create_database(postgres_url, f"{mark}_twin", template=mark)
    with psycopg.connect(twin) as connection:
        assert connection.execute("select words from letter").fetchone() == ("Zażółć 漢字",)
    drop_database(postgres_url, mark)
    drop_database(postgres_url, f"{mark}_twin")
    drop_database(postgres_url, f"{mark}_twin")


def test_nothing_is_left_of_a_throwaway(tmp_path: Path) -> None:
    with throwaway_server(tmp_path) as url:
        psycopg.connect(url).close()
        assert (tmp_path / "postgres" / "data").is_dir()
    deadline = time.monotonic() + 20
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []


def test_sharers_get_one_server_that_ends_with_its_master(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as master:
        first = share_server(tmp_path, while_pid=master.pid)
        assert share_server(tmp_path, while_pid=master.pid) == first
        psycopg.connect(first).close()
        master.kill()
    deadline = time.monotonic() + 20
    while (tmp_path / "postgres").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(first)
