"""Admitting: strangers do not read the metrics, whatever they say of themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rapport.channels.contract import Refused
from rapport.edge.admitting import check_reader
from tests.edge.conftest import RunningEdge

TOKEN = "0123456789abcdef0123456789abcdef"


def ask(client: str | None = "127.0.0.1", *, token: str = "", **headers: str) -> int:
    """The status for who comes from there and says that."""
    said = {"host": "127.0.0.1:8000"} | headers
    scope: Any = {
        "client": (client, 4711) if client else None,
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in said.items()
        ],
    }
    try:
        check_reader(scope, token=token)
    except Refused as refusal:
        return refusal.status
    return 200


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_on_the_machine_itself_they_are_read(client: str, host: str) -> None:
    assert ask(client, host=host) == 200


@pytest.mark.parametrize(
    "client", ["192.0.2.7", "10.0.0.5", "::ffff:192.0.2.7", "fe80::1", "", None]
)
def test_from_elsewhere_they_are_not(client: str | None) -> None:
    assert ask(client) == 403
    assert ask(client, authorization=f"Bearer {TOKEN}") == 403


@pytest.mark.parametrize(
    "said",
    [
        {"x_forwarded_for": "192.0.2.7"},
        {"x_forwarded_for": "127.0.0.1"},
        {"x_real_ip": "192.0.2.7"},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 proxy"},
        {"host": "desk.example.com"},
        {"host": "evil.example:8000"},
        {"host": ""},
        {"host": "[::1"},
        {"host": "127.0.0.1.evil.example"},
    ],
)
def test_a_proxy_or_a_page_on_this_machine_reads_nothing_for_strangers(
    said: dict[str, str],
) -> None:
    assert ask(**said) == 403


@pytest.mark.parametrize("client", ["127.0.0.1", "192.0.2.7"])
def test_with_a_token_only_who_shows_it(client: str) -> None:
    assert ask(client, token=TOKEN) == 401
    for wrong in ("Bearer ", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}", "Bearer ż"):
        assert ask(client, token=TOKEN, authorization=wrong) == 401, wrong
    assert ask(client, token=TOKEN, authorization=f"Bearer {TOKEN}") == 200
    assert ask(client, token=TOKEN, authorization=f"Bearer {TOKEN}", via="1.1 proxy") == 200


def test_a_real_edge_asks_for_the_token_of_its_file(database: str, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(f"{TOKEN}\n")
    running = RunningEdge(tmp_path / "log", RAPPORT_METRICS_TOKEN_FILE=str(secret))
    try:
        refused = running.http.get("/metrics")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert refused.json()["request_id"]
        told = running.http.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert "rapport_intake" in told.text
        assert running.http.get("/healthz").status_code == 200
    finally:
        running.stop()
    assert TOKEN not in (tmp_path / "log").read_text()


def test_a_real_edge_tells_its_own_machine_and_no_proxy_on_it(edge: RunningEdge) -> None:
    assert "rapport_intake" in edge.http.get("/metrics").text
    answer = edge.http.get("/metrics", headers={"x-forwarded-for": "192.0.2.7"})
    assert (answer.status_code, "rapport_intake" in answer.text) == (403, False)
