"""Pages and edge apart, behind a balancer: together they are one desk."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.test import Client

from rapport.accounts.models import Agent
from rapport.channels.models import Envelope
from rapport.channels.receiving import receive_batch
from rapport.conversations.models import Conversation, State
from tests.cast import Cast
from tests.cli.test_up import wait
from tests.edge.conftest import free_port

MAIL = b"From: Dora <dora@poczta.example>\r\nTo: help@maple.example\r\nSubject: Tent\r\n\r\nIt leaks.\r\n"
#: What the operator's manual tells the balancer to send to the edge.
TO_EDGE = ("/live", "/hooks/", "/api/v1/channels/", "/healthz", "/readyz", "/metrics")


class Balanced:
    """`rapport web` and `rapport edge`, and the balancer's rule of which address is whose."""

    def __init__(self, folder: Path) -> None:
        self.edge, self.web = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.http = httpx.Client(trust_env=False, timeout=30)
        self.processes = []
        for word, url in (("edge", self.edge), ("web", self.web)):
            with (folder / f"{word}.log").open("wb") as words:
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "rapport", word, "--port", url.rpartition(":")[2]],
                        env={**os.environ, "RAPPORT_PUBLIC_URL": "http://127.0.0.1"},
                        stdout=words,
                        stderr=words,
                    )
                )

    def address(self, path: str) -> str:
        return (self.edge if path.startswith(TO_EDGE) else self.web) + path

    def answers(self, path: str) -> bool:
        assert all(process.poll() is None for process in self.processes)
        try:
            return self.http.get(self.address(path)).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def close(self) -> list[int]:
        self.http.close()
        for process in self.processes:
            process.terminate()
        return [process.wait(30) for process in self.processes]


@contextmanager
def running_desk(folder: Path) -> Iterator[Balanced]:
    desk = Balanced(folder)
    try:
        wait(lambda: desk.answers("/readyz") and desk.answers("/sign-in/"))
        yield desk
    finally:
        desk.close()


@pytest.fixture(scope="module")
def module_desk(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Balanced]:
    with running_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def balanced(database: str, cast: Cast, module_desk: Balanced) -> Balanced:
    """The module's two processes, on a swept database and for a visitor without cookies."""
    module_desk.http.cookies.clear()
    return module_desk


def sign_in(desk: Balanced, agent: Agent) -> None:
    client = Client()
    client.force_login(agent, backend=settings.AUTHENTICATION_BACKENDS[0])
    desk.http.cookies.set(
        settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value
    )
    desk.http.cookies.set(settings.CSRF_COOKIE_NAME, "x" * 32)


def test_a_mail_at_the_edge_is_answered_on_the_pages_and_heard_at_the_edge(
    balanced: Balanced, cast: Cast
) -> None:
    hook = f"/hooks/email/{cast.mail.hook_secret}"
    head = {"content-type": "message/rfc822"}
    taken = balanced.http.post(balanced.address(hook), content=MAIL, headers=head)
    assert taken.status_code == httpx.codes.ACCEPTED
    assert Envelope.objects.get().request_id == taken.headers["x-request-id"]
    receive_batch()
    sign_in(balanced, cast.ben)
    tent = Conversation.objects.get(subject="Tent")
    path = f"/inbox/conversations/C-{tent.pk}"
    page = balanced.http.get(balanced.address(path))
    assert "It leaks." in page.text
    found = re.search(r'ticket="([^"]+)" streams="[^"]*" since="([^"]+)"', page.text)
    assert found
    stream = balanced.address(f"/live?ticket={found[1]}&since={found[2]}")
    with balanced.http.stream("GET", stream) as live:
        assert live.status_code == httpx.codes.OK
        lines = live.iter_lines()
        solution = balanced.http.post(
            balanced.address(f"{path}/solution"), data={"csrfmiddlewaretoken": "x" * 32}
        )
        assert solution.status_code in (httpx.codes.OK, httpx.codes.FOUND, httpx.codes.SEE_OTHER)
        tent.refresh_from_db()
        assert tent.state == State.SOLVED
        next(line for line in lines if line.startswith("id:"))


def test_what_is_not_theirs_is_refused_by_each(balanced: Balanced) -> None:
    assert balanced.http.get(balanced.edge + "/sign-in/").status_code == httpx.codes.NOT_FOUND
    assert balanced.http.get(balanced.web + "/live").status_code != httpx.codes.OK
    style = re.search(
        r'href="(/static/[^"]+\.css)"', balanced.http.get(balanced.web + "/sign-in/").text
    )
    assert style
    assert balanced.answers(style[1])


def test_both_end_in_order_when_asked(database: str, tmp_path: Path) -> None:
    with running_desk(tmp_path) as desk:
        assert desk.answers("/healthz")
        assert set(desk.close()) <= {0, -15}
