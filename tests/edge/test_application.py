"""The process: its health, what it mounts, and how it ends."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from rapport.kernel import clock
from rapport.kernel.live.tickets import make_ticket
from rapport.kernel.pg.trying import create_database, drop_database
from rapport.kernel.secrets import seal
from tests.database import TEMPLATE
from tests.edge.conftest import BODY, RunningEdge, talk
from tests.plugin import database_name


def test_it_lives_is_ready_and_counts(edge: RunningEdge) -> None:
    assert edge.http.get("/healthz").json() == {"status": "ok"}
    deadline = time.monotonic() + 10
    while edge.http.get("/readyz").status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert edge.http.get("/readyz").status_code == 200
    assert "rapport_intake_flush_rows_bucket" in edge.http.get("/metrics").text


def test_without_web_there_is_nothing_else(edge: RunningEdge) -> None:
    answer = edge.http.get("/inbox")
    assert answer.status_code == 404
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_the_edge_alone_loads_no_model_and_no_template() -> None:
    words = """
import sys
import rapport.edge.serving, rapport.channels.webhook.door
loaded = [m for m in sys.modules if m.startswith(("django.template", "django.urls"))
          or m.endswith(".models") and m.startswith("rapport")]
assert not loaded, loaded
"""
    subprocess.run(
        [sys.executable, "-c", words], check=True, env=os.environ | {"PYTHONWARNINGS": ""}
    )


def test_with_web_django_answers_the_rest(database: str, tmp_path: Path) -> None:
    running = RunningEdge(tmp_path / "log", with_web=True)
    try:
        headers = {"x-request-id": "find-me-please", "x_forwarded_host": "evil.example"}
        answer = running.http.get("/no/such/page", headers=headers)
        assert answer.status_code == 404
        assert "json" not in answer.headers["content-type"]
        assert answer.headers["server-timing"].startswith("app;dur=")
        answer = talk(running, "GET /no?q=\u00e9 HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        assert answer.split()[1] == b"400"
    finally:
        running.stop()


def test_a_stop_ends_streams_and_answers_what_was_begun(database: str, tmp_path: Path) -> None:
    running = RunningEdge(tmp_path / "log")
    ticket = make_ticket(1, ["inbox:0"], now=clock.now())
    began = time.monotonic()
    with httpx.stream("GET", f"http://127.0.0.1:{running.port}/live?ticket={ticket}") as page:
        assert page.status_code == 200
        stopper = threading.Timer(0.2, running.process.terminate)
        stopper.start()
        page.read()
    running.stop()
    assert time.monotonic() - began < 15
    assert "Traceback" not in running.log.read_text()


@dataclass
class Away:
    """An edge whose database can be renamed away, and the address of a channel in it."""

    edge: RunningEdge
    url: str
    name: str
    channel: str


@pytest.fixture
def away(postgres_url: str, tmp_path: Path) -> Iterator[Away]:
    name, channel = f"test_away_{os.getpid()}", str(uuid.uuid4())
    url = create_database(postgres_url, name, template=database_name(TEMPLATE))
    with psycopg.connect(url) as own:
        own.execute(
            """INSERT INTO channels_channel (kind, name, address, public_id, hook_secret, state,
                   error, config, sealed, created_at)
               VALUES ('webhook', 'Shop', '', %s, 'hook', 'active', '', '{}', %s, now())""",
            [channel, seal({"token_hash": hashlib.sha256(b"rct_right").hexdigest()})],
        )
    running = RunningEdge(tmp_path / "log", DATABASE_URL=url)
    yield Away(running, url, name, channel)
    running.stop()
    drop_database(postgres_url, name)
    drop_database(postgres_url, f"{name}_gone")


def rename(server: str, name: str, new: str) -> None:
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        time.sleep(0.2)
        own.execute(f"ALTER DATABASE {name} RENAME TO {new}")
        own.execute(f"ALTER DATABASE {new} ALLOW_CONNECTIONS true")


def test_a_database_that_is_away_is_a_503_and_heals_by_itself(
    postgres_url: str, django_db_setup: None, away: Away
) -> None:
    def post(number: int) -> httpx.Response:
        return away.edge.http.post(
            f"/api/v1/channels/{away.channel}/messages",
            content=BODY.replace(b"crm-1", b"crm-%d" % number),
            headers={"content-type": "application/json", "authorization": "Bearer rct_right"},
        )

    assert post(1).status_code == 202
    rename(postgres_url, away.name, f"{away.name}_gone")
    answer = post(2)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert away.edge.http.get("/healthz").status_code == 200
    rename(postgres_url, f"{away.name}_gone", away.name)
    deadline = time.monotonic() + 10
    while post(2).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert post(2).status_code == 200
    with psycopg.connect(away.url) as own:
        kept = own.execute("SELECT event_id FROM channels_envelope ORDER BY id").fetchall()
    assert kept == [("api:crm-1",), ("api:crm-2",)]
