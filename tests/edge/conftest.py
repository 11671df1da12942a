"""A real edge on a free port for the tests of this room, and the channels that they write to."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport.channels.models import Channel
from rapport.channels.webhook.signing import sign_headers
from rapport.kernel import clock
from rapport.kernel.secrets import seal

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SERVE = (
    "from rapport.edge.serving import serve; import sys; serve('127.0.0.1', int(sys.argv[1]), {})"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RunningEdge:
    """An edge in a process of its own, as it runs in production."""

    def __init__(
        self, log: Path, *, with_web: bool = False, port: int | None = None, **settings: str
    ) -> None:
        self.port, self.log = port or free_port(), log
        environ = {**os.environ, **settings, "RAPPORT_LOG_FORMAT": "json"}
        environ.pop("PYTHONWARNINGS", None)
        with log.open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE.format(with_web), str(self.port)],
                env=environ,
                stdout=words,
                stderr=words,
            )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text()
            try:
                self.http.get("/healthz")
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def stop(self) -> int:
        self.http.close()
        self.process.terminate()
        return self.process.wait(30)


def talk(edge: RunningEdge, *parts: bytes) -> bytes:
    """Send raw bytes and return what comes back."""
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as line:
        for part in parts:
            line.sendall(part)
        said = b""
        while not _is_whole(said) and (more := line.recv(4096)):
            said += more
        return said


def _is_whole(said: bytes) -> bool:
    head, gap, body = said.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.I)
    return bool(gap) and (length is None or len(body) >= int(length[1]))


@pytest.fixture(scope="session")
def session_edge(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningEdge]:
    limits = {"RAPPORT_MAX_BODY_BYTES": "300000", "RAPPORT_MAX_MAIL_BYTES": "2000000"}
    running = RunningEdge(tmp_path_factory.mktemp("edge") / "edge.log", **limits)
    yield running
    running.stop()


@pytest.fixture
def edge(database: str, session_edge: RunningEdge) -> RunningEdge:
    """The session's edge, on a swept database."""
    return session_edge


@pytest.fixture
def webhook(database: str) -> Channel:
    return make_webhook()


@pytest.fixture
def mailbox(database: str) -> Channel:
    return Channel.objects.create(kind="email", name="Help", address="help@maple.example")


def make_webhook(**fields: Any) -> Channel:
    """A channel with one signing secret and the token `rct_right`."""
    digest = hashlib.sha256(b"rct_right").hexdigest()
    opened = {"signing": [{"secret": SECRET, "until": None}], "token_hash": digest}
    return Channel.objects.create(
        kind="webhook",
        name="Shop",
        **{"sealed": seal(opened | fields.pop("secrets", {})), **fields},
    )


BODY = b'{"external_id":"crm-1","contact":{"external_id":"u-42","name":"Dora"},"text":"Where?"}'

Post = Callable[..., httpx.Response]


@pytest.fixture
def deliver(edge: RunningEdge, webhook: Channel) -> Post:
    """Post a signed body to the hook of the channel."""

    def post(body: bytes = BODY, *, message_id: str = "msg_1", **headers: str) -> httpx.Response:
        signed = sign_headers([SECRET], message_id=message_id, now=clock.now(), body=body)
        return edge.http.post(
            f"/hooks/webhook/{webhook.public_id}",
            content=body,
            headers={"content-type": "application/json", **signed, **headers},
        )

    return post
