"""Mounting: what a WSGI application says arrives whole, whatever its size, and it is closed in the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from rapport.edge import hearing_out, mounting
from rapport.edge.mounting import WHOLE, Mounted
from rapport.edge.taking_turns import AT_ONCE, PATIENCE
from tests.looping import run_apart

Sent = list[dict[str, Any]]


def ask(
    pages: Any,
    *,
    body: tuple[bytes, ...] = (),
    method: str = "GET",
    instead_of_end: Any = "",
    query: bytes = b"q=1",
    headers: tuple[tuple[bytes, bytes], ...] = (),
    **limits: int,
) -> Sent:
    """What the mounted application sends to a request whose body comes in these pieces.

    `instead_of_end` comes after them although more was promised; None lets nothing come any more.
    """
    sent: Sent = []
    coming: list[Any] = [
        {"type": "http.request", "body": part, "more_body": number < len(body)}
        for number, part in enumerate(body, 1)
    ]
    if instead_of_end != "":
        coming = [{**each, "more_body": True} for each in coming] + [instead_of_end]

    async def receive() -> dict[str, Any]:
        if coming[0] is None:
            await asyncio.sleep(3600)
        return coming.pop(0)

    async def send(message: Any) -> None:
        await asyncio.sleep(0)
        sent.append(dict(message))

    scope = {
        "type": "http", "method": method, "path": "/a/ż", "query_string": query, "http_version": "1.1",
        "headers": [*headers, (b"x-one", b"1"), (b"content-length", str(sum(map(len, body))).encode())],
    }  # fmt: skip
    run_apart(Mounted(pages, threads=1, **limits)(scope, receive, send))
    return sent


class Said:
    """An iterable that knows whether it was closed, and where."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts, self.closed_in = parts, ""

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        self.closed_in = threading.current_thread().name


def test_a_page_is_one_head_and_one_body() -> None:
    said = Said([b"Hel", b"lo"])

    def pages(environ: dict[str, Any], begin: Any) -> Said:
        assert (environ["HTTP_X_ONE"], environ["QUERY_STRING"]) == ("1", "q=1")
        begin("201 Created", [("X-Two", "2"), ("Set-Cookie", "a"), ("Set-Cookie", "b")])
        return said

    head, body = ask(pages)
    assert head["status"] == 201
    *theirs, (ours, told) = head["headers"]
    assert theirs == [(b"x-two", b"2"), (b"set-cookie", b"a"), (b"set-cookie", b"b")]
    assert ours == b"server-timing"
    assert float(told.removeprefix(b"app;dur=")) >= 0
    assert (body["body"], body.get("more_body", False)) == (b"Hello", False)
    assert said.closed_in.startswith("pages")


def test_what_is_large_goes_in_pieces_and_in_order() -> None:
    def pages(environ: dict[str, Any], begin: Any) -> Iterator[bytes]:
        begin("200 OK", [])
        return (bytes([number]) * (WHOLE // 2) for number in range(5))

    head, *pieces = ask(pages)
    assert head["status"] == 200
    assert b"".join(p["body"] for p in pieces) == b"".join(
        bytes([n]) * (WHOLE // 2) for n in range(5)
    )
    assert [p.get("more_body", False) for p in pieces] == [True, True, False]
    assert [name for name, _ in head["headers"]] == [b"server-timing"]


@pytest.mark.parametrize("end", ["all taken", "stalled", "gone", "stopped"])
def test_who_takes_a_large_file_slowly_holds_up_nobody(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread, and strangers who load files and take nothing of them: a page is made meanwhile."""
    files = [Said(bytes(WHOLE // 4) for _ in range(12)) for _ in range(3)]
    monkeypatch.setattr(mounting, "STALLED_SECONDS", 0.2 if end == "stalled" else 60)

    def pages(environ: dict[str, Any], begin: Any) -> Any:
        begin("200 OK", [])
        return files[int(environ["PATH_INFO"][1:])] if environ["PATH_INFO"] != "/" else [b"Hello"]

    async def act() -> None:
        mounted, may_take, taken = Mounted(pages, threads=1), asyncio.Event(), [0] * 3

        async def visit(path: str, number: int | None = None) -> None:
            async def send(message: Any) -> None:
                if number is not None:
                    await may_take.wait()
                    if end == "gone":
                        raise OSError("gone")
                    taken[number] += len(message.get("body", b""))

            head = {"type": "http", "method": "GET", "query_string": b"", "http_version": "1.1"}
            await mounted({**head, "path": path, "headers": []}, never, send)

        async def never() -> Any:
            await asyncio.sleep(3600)

        slow = [asyncio.create_task(visit(f"/{n}", n)) for n in range(3)]
        await asyncio.sleep(0.05)
        async with asyncio.timeout(20):
            await visit("/")
            if end == "stopped":
                [task.cancel() for task in slow]
            elif end != "stalled":
                may_take.set()
            await asyncio.wait(slow)
        ends = [task.cancelled() or task.exception() for task in slow]
        assert [type(each) for each in ends] == [KINDS_OF_END[end]] * 3
        assert taken == [3 * WHOLE if end == "all taken" else 0] * 3

    run_apart(act())
    assert all(file.closed_in for file in files)


KINDS_OF_END = {
    "all taken": type(None),
    "stalled": TimeoutError,
    "gone": OSError,
    "stopped": bool,
}


def test_what_was_sent_is_read() -> None:
    def pages(environ: dict[str, Any], begin: Any) -> list[bytes]:
        begin("200 OK", [])
        return [environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))]

    _head, body = ask(pages, body=(b"one ", b"two"), method="POST")
    assert body["body"] == b"one two"


def test_who_announces_a_body_and_sends_none_holds_up_nobody() -> None:
    """One thread, and a stranger whose form never comes: the next page is made."""

    async def all_at_once() -> Sent:
        mounted, sent = Mounted(say_hello, threads=1), Sent()

        async def never() -> Any:
            await asyncio.sleep(3600)

        async def send(message: Any) -> None:
            sent.append(dict(message))

        head = {"type": "http", "path": "/", "query_string": b"", "http_version": "1.1"}
        form = {**head, "method": "POST", "headers": [(b"content-length", b"9")]}
        stalled = [asyncio.create_task(mounted(form, never, send)) for _ in range(3)]
        await asyncio.sleep(0.05)
        async with asyncio.timeout(20):
            await mounted({**head, "method": "GET", "headers": []}, never, send)
        for task in stalled:
            task.cancel()
        return sent

    assert [message.get("body") for message in run_apart(all_at_once())] == [None, b"Hello"]


def test_a_body_that_breaks_off_is_no_request() -> None:
    gone = {"type": "http.disconnect"}
    assert ask(say_hello, body=(b"half",), method="POST", instead_of_end=gone) == []


def test_a_body_over_the_limit_is_refused() -> None:
    head, body = ask(say_hello, body=(b"x" * 60, b"x" * 60), method="POST", most_bytes=100)
    assert (head["status"], b"larger than 100 bytes" in body["body"]) == (413, True)


def test_a_form_that_does_not_come_in_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing_out, "NEXT_SECONDS", 0.01)
    head, _body = ask(say_hello, body=(b"half",), method="POST", instead_of_end=None)
    assert head["status"] == 408


def test_no_header_passes_for_another_one() -> None:
    def pages(environ: dict[str, Any], begin: Any) -> list[bytes]:
        begin("200 OK", [])
        return [environ["HTTP_X_FORWARDED_FOR"].encode()]

    given = ((b"x-forwarded-for", b"192.0.2.1"), (b"x_forwarded_for", b"198.51.100.7"))
    assert ask(pages, headers=given)[1]["body"] == b"192.0.2.1"


def test_an_address_beyond_ascii_is_a_bad_request() -> None:
    head, body = ask(say_hello, query="q=ż".encode())
    assert head["status"] == 400
    assert b"request_id" in body["body"]


def say_hello(environ: dict[str, Any], begin: Any) -> list[bytes]:
    begin("200 OK", [])
    return [b"Hello"]


def test_an_application_that_falls_is_closed_and_heard() -> None:
    def parts() -> Iterator[bytes]:
        yield b"begun"
        raise ValueError("fell")

    said = Said(parts())

    def pages(environ: dict[str, Any], begin: Any) -> Said:
        begin("200 OK", [])
        return said

    with pytest.raises(ValueError, match="fell"):
        ask(pages)
    assert said.closed_in


def test_pages_that_wait_for_another_server_hold_up_nobody() -> None:
    """Two pages have their turn and do not end before the third has been answered."""
    answered = threading.Event()
    told: dict[str, dict[bytes, bytes]] = {}

    def pages(environ: dict[str, Any], begin: Any) -> list[bytes]:
        begin("200 OK", [])
        if environ["PATH_INFO"] == "/slow":
            assert answered.wait(30)
        return [b"done"]

    async def visit(mounted: Mounted, path: str) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            told[path] = dict(message.get("headers", ())) or told[path]

        scope = {
            "type": "http", "method": "GET", "path": path, "query_string": b"", "http_version": "1.1",
            "headers": [],
        }  # fmt: skip
        await mounted(scope, receive, send)
        if path == "/quick":
            answered.set()

    async def all_at_once() -> None:
        mounted = Mounted(pages, threads=AT_ONCE + 1)
        slow = [asyncio.create_task(visit(mounted, "/slow")) for _ in range(AT_ONCE)]
        await asyncio.sleep(0.1)
        await asyncio.gather(visit(mounted, "/quick"), *slow)

    run_apart(all_at_once())
    assert answered.is_set()
    waited = told["/quick"][b"server-timing"].removeprefix(b"app;dur=")
    assert float(waited) >= PATIENCE * 1000  # the wait for a turn is told, too
