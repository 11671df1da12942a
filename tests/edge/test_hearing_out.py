"""Hearing out: strangers who send much at once, and never end, fill no disk; whoever ends gives the room back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from rapport import settings
from rapport.edge import hearing_out
from rapport.edge.hearing_out import SESSION, SMALL
from rapport.edge.mounting import SIGNED_OUT, Mounted
from tests.looping import run_apart

MOST = 10 * SMALL
KNOWN = (b"cookie", b"a=b; rapport_session=abc")


def say_size(environ: dict[str, Any], begin: Any) -> list[bytes]:
    if environ["PATH_INFO"] == "/falls":
        raise ValueError("fell")
    begin("200 OK", [])
    return [b"%d" % len(environ["wsgi.input"].read())]


class Sender:
    """Sends a body piece by piece, as the test says, and keeps what it is told."""

    def __init__(self, mounted: Mounted, *, path: str = "/", headers: Any = (KNOWN,)) -> None:
        self.pieces: asyncio.Queue[Any] = asyncio.Queue()
        self.told: list[dict[str, Any]] = []
        scope = {
            "type": "http", "method": "POST", "path": path, "query_string": b"", "http_version": "1.1",
            "headers": [*headers, (b"transfer-encoding", b"chunked"), (b"x-request-id", b"attack-0001")],
        }  # fmt: skip
        self.task = asyncio.create_task(mounted(scope, self.pieces.get, self._hear))

    async def _hear(self, message: Any) -> None:
        self.told.append(dict(message))

    async def put(self, size: int, *, ends: bool = False) -> None:
        await self.pieces.put({"type": "http.request", "body": b"x" * size, "more_body": not ends})
        await asyncio.sleep(0.01)

    async def go_away(self) -> None:
        await self.pieces.put({"type": "http.disconnect"})
        await asyncio.sleep(0.01)

    @property
    def status(self) -> int:
        return self.told[0]["status"] if self.told else 0


Attack = Callable[[Mounted], Awaitable[None]]


def attack(act: Attack) -> None:
    async def run() -> None:
        async with asyncio.timeout(30):
            await act(Mounted(say_size, threads=2, most_bytes=MOST))

    run_apart(run())


def test_many_strangers_with_large_bodies_put_down_only_so_much_together() -> None:
    async def act(mounted: Mounted) -> None:
        strangers = [Sender(mounted) for _ in range(20)]
        for stranger in strangers:
            await stranger.put(MOST)
        assert mounted._room.held == 2 * MOST
        assert sorted(stranger.status for stranger in strangers) == [0, 0, *[503] * 18]
        told = next(stranger.told for stranger in strangers if stranger.told)
        assert {(b"retry-after", b"2"), (b"connection", b"close")} <= set(told[0]["headers"])
        assert msgspec.json.decode(told[1]["body"])["request_id"] == "attack-0001"
        small = Sender(mounted)
        await small.put(SMALL, ends=True)
        await small.task
        assert small.status == 200
        for stranger in strangers:
            await stranger.go_away()
        assert mounted._room.held == 0

    attack(act)


@pytest.mark.parametrize("way", ["whole", "gone", "cut", "too much", "late", "falls"])
def test_however_a_request_ends_its_room_is_free(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(mounted: Mounted) -> None:
        if way == "late":
            monkeypatch.setattr(hearing_out, "NEXT_SECONDS", 0.05)
        sender = Sender(mounted, path="/falls" if way == "falls" else "/")
        await sender.put(2 * SMALL)
        assert mounted._room.held == 2 * SMALL
        if way in ("whole", "falls"):
            await sender.put(SMALL, ends=True)
        elif way == "gone":
            await sender.go_away()
        elif way == "cut":
            sender.task.cancel()
        elif way == "too much":
            await sender.put(MOST)
        await asyncio.wait([sender.task])
        assert mounted._room.held == 0
        expected = {"whole": 200, "too much": 413, "late": 408}
        assert sender.status == expected.get(way, 0)
        if not sender.task.cancelled():
            sender.task.exception()

    attack(act)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/sign-in/", (), 413),
        ("/sign-in/", ((b"cookie", b"csrftoken=1"),), 413),
        ("/inbox/conversations/C-1/messages", (KNOWN,), 200),
        ("/api/v1/attachments", ((b"authorization", b"Bearer rpt_1"),), 200),
        ("/anymail/mailgun/1/inbound", (), 200),
    ],
)
def test_who_has_not_signed_in_sends_little(path: str, headers: Any, status: int) -> None:
    async def act(_: Mounted) -> None:
        mounted = Mounted(say_size, threads=1)
        sender = Sender(mounted, path=path, headers=headers)
        await sender.put(SIGNED_OUT)
        await sender.put(1, ends=True)
        await sender.task
        assert sender.status == status

    attack(act)


def test_the_session_is_known_by_the_cookie_that_django_sets() -> None:
    assert SESSION.decode() == f"{settings.SESSION_COOKIE_NAME}="
