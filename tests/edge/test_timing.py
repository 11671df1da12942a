"""Timing: what an edge says of its own time begins when a request has come whole."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from rapport.edge.timing import KEY, Watch
from tests.edge.conftest import RunningEdge

NAME = b"server-timing: app;dur="


@pytest.fixture
def desk(database: str, tmp_path: Path) -> RunningEdge:
    return RunningEdge(tmp_path / "log", with_web=True)


def test_time_begins_when_the_request_was_complete() -> None:
    noted = time.perf_counter() - 60
    name, told = Watch({"state": {KEY: noted}}).header()
    assert (name, float(told.removeprefix(b"app;dur=")) >= 60_000) == (b"server-timing", True)
    _name, told = Watch({}).header()
    assert float(told.removeprefix(b"app;dur=")) < 60_000


def test_both_of_two_requests_in_one_line_are_timed(desk: RunningEdge) -> None:
    asked = b"GET /sign-in/ HTTP/1.1\r\nhost: localhost\r\n%s\r\n"
    try:
        with socket.create_connection(("127.0.0.1", desk.port), timeout=30) as line:
            line.sendall(asked % b"" + asked % b"connection: close\r\n")
            said = line.makefile("rb").read()
    finally:
        desk.stop()
    assert said.count(b"HTTP/1.1 200 OK") == said.count(NAME) == 2
