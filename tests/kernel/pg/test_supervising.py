"""The embedded server lives with its supervisor and comes back when it is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest

from rapport.kernel.pg.faults import FolderHeld
from rapport.kernel.pg.supervising import EmbeddedServer
from tests.kernel.pg.conftest import ask, processes_in, wait_until


def test_rows_are_there_after_a_stop_and_a_start(server: EmbeddedServer) -> None:
    ask(server.start(), "create table letter as select 'Cześć 您好'::text as words")
    server.stop()
    assert ask(server.start(), "select words from letter") == [("Cześć 您好",)]


def test_a_cold_server_is_durable_utf8_and_without_a_network_door(server: EmbeddedServer) -> None:
    names = ["fsync", "synchronous_commit", "full_page_writes", "data_checksums", "jit"]
    names += ["listen_addresses", "server_encoding", "unix_socket_permissions"]
    url = server.start()
    told = [ask(url, f"show {name}")[0][0] for name in names]
    assert told == ["on", "on", "on", "on", "off", "", "UTF8", "0700"]
    assert ask(url, "select lower('ŻÓŁĆ'), upper('straße')") == [("żółć", "STRAßE")]
    assert server.places.data.stat().st_mode & 0o777 == 0o700


def test_starting_twice_is_one_server(server: EmbeddedServer) -> None:
    first, pid = server.start(), server.pid
    assert (server.start(), server.pid) == (first, pid)


def test_a_second_supervisor_is_refused_and_told_who_holds_the_folder(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    server.start()
    second = EmbeddedServer(tmp_path, may_create_account=False)
    with pytest.raises(FolderHeld, match=f"already served by process {os.getpid()}") as refused:
        second.start()
    assert refused.value.pid == os.getpid()
    assert ask(server.url, "select 1") == [(1,)]


def test_a_killed_server_comes_back_with_every_committed_row(server: EmbeddedServer) -> None:
    url = server.start()
    ask(url, "create table letter as select generate_series(1, 100000) as number")
    for number in range(20):
        ask(url, f"insert into letter values (-{number})")
    old = server.pid
    assert old is not None
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: server.state == "ready" and server.pid not in (None, old))
    assert ask(url, "select count(*) from letter") == [(100020,)]
    assert server.restarts >= 1


def test_a_server_killed_time_and_again_comes_back_each_time(server: EmbeddedServer) -> None:
    url = server.start()
    for _ in range(3):
        old = server.pid
        assert old is not None
        os.kill(old, signal.SIGKILL)
        wait_until(lambda old=old: server.state == "ready" and server.pid not in (None, old))
    assert ask(url, "select 1") == [(1,)]


def test_a_killed_backend_costs_the_others_one_reconnect(server: EmbeddedServer) -> None:
    url = server.start()
    with psycopg.connect(url) as victim, psycopg.connect(url, autocommit=True) as other:
        os.kill(victim.info.backend_pid, signal.SIGKILL)
        wait_until(lambda: not _answers(other))
        victim.close()
    wait_until(lambda: _connects(url))
    assert server.restarts == 0


def test_stopping_ends_every_process_and_clients_too(server: EmbeddedServer) -> None:
    with psycopg.connect(server.start(), autocommit=True) as idle:
        server.stop()
        server.stop()
        assert not _answers(idle)
    assert server.pid is None
    assert processes_in(server.places.data) == []


def test_a_server_that_is_stopped_while_it_recovers_stays_stopped(server: EmbeddedServer) -> None:
    url = server.start()
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    assert server.state == "stopped"
    assert not _connects(url)
    assert ask(server.start(), "select 1") == [(1,)]


def test_the_words_of_a_slow_statement_are_kept_without_its_literals(
    server: EmbeddedServer,
) -> None:
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("select pg_sleep(1.1), 'Dora''s\n secret'")
    server.stop()
    told = server.places.words.read_text()
    assert "pg_sleep(1.1), '?'" in told
    assert "secret" not in told


def _answers(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
