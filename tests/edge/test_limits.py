"""What is too large, too slow, of the wrong kind or cut off at the doors."""

from __future__ import annotations

import resource
import socket
import subprocess
from collections.abc import Iterator

import pytest

from rapport.channels.models import Channel, Envelope
from rapport.edge.serving import raise_file_limit
from tests.edge.conftest import BODY, Post, RunningEdge, talk


def test_a_body_over_the_limit_is_refused_before_it_is_read(
    edge: RunningEdge, mailbox: Channel
) -> None:
    head = f"POST /hooks/email/{mailbox.hook_secret} HTTP/1.1\r\nhost: x\r\n"
    answer = talk(
        edge, f"{head}content-type: message/rfc822\r\ncontent-length: 2000001\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"x-request-id" in answer


def test_a_body_without_length_is_refused_while_it_is_read(
    edge: RunningEdge, mailbox: Channel
) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 100_000

    answer = edge.http.post(
        f"/hooks/email/{mailbox.hook_secret}",
        content=endless(),
        headers={"content-type": "message/rfc822"},
    )
    assert answer.status_code == 413
    assert not Envelope.objects.exists()


def test_a_client_that_hangs_up_in_its_body_leaves_nothing(
    edge: RunningEdge, mailbox: Channel
) -> None:
    head = f"POST /hooks/email/{mailbox.hook_secret} HTTP/1.1\r\nhost: x\r\n"
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as line:
        line.sendall(
            f"{head}content-type: message/rfc822\r\ncontent-length: 90\r\n\r\nFrom".encode()
        )
    assert edge.http.get("/healthz").status_code == 200
    assert not Envelope.objects.exists()


def test_long_addresses_of_strangers_are_not_kept_in_memory(edge: RunningEdge) -> None:
    before = memory_of(edge)
    for number in range(400):
        asked = b"GET /hooks/email/%d%s HTTP/1.1\r\nhost: x\r\n\r\n" % (number, b"x" * 60_000)
        assert talk(edge, asked).startswith(b"HTTP/1.1 404")
    assert memory_of(edge) - before < 20_000_000


def memory_of(edge: RunningEdge) -> int:
    """Bytes that the edge holds in memory."""
    told = ["ps", "-o", "rss=", "-p", str(edge.process.pid)]
    return int(subprocess.run(told, capture_output=True, check=True).stdout) * 1024


@pytest.mark.parametrize("number", ["-1", "1e3", "99999999999999999999999"])
def test_a_length_that_is_no_number_is_refused(
    edge: RunningEdge, mailbox: Channel, number: str
) -> None:
    head = f"POST /hooks/email/{mailbox.hook_secret} HTTP/1.1\r\nhost: x\r\n"
    answer = talk(
        edge, f"{head}content-type: message/rfc822\r\ncontent-length: {number}\r\n\r\n".encode()
    )
    assert answer.split()[1] in (b"400", b"413")


def test_only_post_is_taken(edge: RunningEdge, webhook: Channel) -> None:
    answer = edge.http.get(f"/hooks/webhook/{webhook.public_id}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_another_type_or_a_packed_body_is_refused(deliver: Post) -> None:
    assert deliver(**{"content-type": "text/plain"}).status_code == 415
    assert deliver(**{"content-encoding": "gzip"}).status_code == 415
    assert deliver(**{"content-encoding": "identity"}).status_code == 202


@pytest.mark.parametrize("given", ["a b", "x" * 65, "short", "caf\u00e9-caf\u00e9"])
def test_a_request_id_that_is_not_sane_is_replaced(edge: RunningEdge, given: str) -> None:
    answer = edge.http.get("/nowhere", headers={"x-request-id": given.encode()})
    assert answer.status_code == 404
    assert answer.headers["x-request-id"] not in ("", given)


def test_no_body_and_no_secret_is_in_the_log(edge: RunningEdge, deliver: Post) -> None:
    deliver(BODY.replace(b"Where?", b"my-secret-words"))
    deliver(**{"webhook-signature": "v1,AAAA"})
    assert "my-secret-words" not in edge.log.read_text()
    assert "whsec_" not in edge.log.read_text()


def test_where_the_system_refuses_many_open_files_fewer_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As macOS: it says that there is no limit, and has one.
    asked: list[int] = []

    def refuse_many(_kind: int, limits: tuple[int, int]) -> None:
        asked.append(limits[0])
        if limits[0] > 10_240:
            raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr("resource.getrlimit", lambda _kind: (256, resource.RLIM_INFINITY))
    monkeypatch.setattr("resource.setrlimit", refuse_many)
    raise_file_limit()
    assert asked == [65_536, 10_240]
