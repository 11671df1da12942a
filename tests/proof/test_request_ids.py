"""Whatever a page or the API refuses: an answer without our inside, and an id that finds its line in the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser import await_answer, free_port, running

PROGRAM = {"authorization": "Bearer rpt_1_guessed"}
JSON = {"content-type": "application/json"}
ASKED: dict[str, tuple[int, Callable[[httpx.Client], httpx.Response]]] = {
    "no such page": (404, lambda http: http.get("/no/such/page")),
    "no such address": (404, lambda http: http.get("/api/v1/nothing")),
    "a guessed token": (401, lambda http: http.get("/api/v1/messages", headers=PROGRAM)),
    "a form of nobody": (403, lambda http: http.post("/inbox/open", data={"text": "x"})),
    "another host": (400, lambda http: http.get("/sign-in/", headers={"host": "evil.example"})),
    "a provider's guess": (404, lambda http: http.post("/anymail/mailgun/guess/inbound")),
}


@pytest.fixture(scope="module", params=["edge", "web"])
def served(
    request: pytest.FixtureRequest, django_db_setup: None
) -> Iterator[tuple[httpx.Client, Path]]:
    """The pages behind the edge, and alone; with the log of each."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    words = [request.param, "--host", "127.0.0.1", "--port", str(port)]
    words += ["--with-web"] if request.param == "edge" else []
    with running(*words, RAPPORT_PUBLIC_URL=url, RAPPORT_LOG_FORMAT="json") as process:
        await_answer(f"{url}/healthz", process)
        with httpx.Client(base_url=url, timeout=60) as http:
            yield http, process.log  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ASKED)
def test_the_id_of_a_refusal_finds_its_line(
    served: tuple[httpx.Client, Path], transactional_db: None, name: str
) -> None:
    http, log = served
    status, ask = ASKED[name]
    answer = ask(http)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    number = answer.headers["x-request-id"]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line for line in lines if line.get("request_id") == number]


def test_a_key_in_an_address_stays_out_of_the_log(
    served: tuple[httpx.Client, Path], transactional_db: None
) -> None:
    http, log = served
    assert http.get("/join/a-guessed-key").status_code in (404, 410)
    assert http.post("/join/a-guessed-key").status_code == 403
    assert "/join/" in log.read_text()
    assert "a-guessed-key" not in log.read_text()
