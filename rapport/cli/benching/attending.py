"""Attending: colleagues at their desks, each with a page open that hears and fetches as a browser's does.

    python -m rapport.cli.benching.attending < plan.json > result.json

Each reads its page, keeps a live stream with the page's ticket, and at each hint asks for what changed since its
own position: never twice at once, and not before the gap that the page's own script keeps.
"""

from __future__ import annotations

import asyncio
import html
import re
import sys
import time
import zlib
from dataclasses import dataclass, field

import msgspec

#: As in `web/static/js/catcher.js`.
GAP = 0.15
TOLD = re.compile(rb"^server-timing: app;dur=([\d.]+)", re.I | re.M)
LENGTH = re.compile(rb"^content-length: (\d+)", re.I | re.M)
LIVE = re.compile(rb"<live-updates\b[^>]*>")
NAMED = re.compile(rb' (ticket|since|updates)="([^"]*)"')


class Colleague(msgspec.Struct, kw_only=True):
    """Whose page: the session's cookie, and what is open."""

    cookie: str
    path: str


class AttendPlan(msgspec.Struct, kw_only=True):
    """Who attends, where, and for how many seconds after all of them listen."""

    host: str
    port: int
    colleagues: list[Colleague]
    seconds: float


class Attended(msgspec.Struct, kw_only=True):
    """What they fetched: milliseconds of the server and as they waited, and bytes; how often it failed."""

    served: list[float] = []
    waited: list[float] = []
    received: int = 0
    failed: int = 0


class Line:
    """A kept connection of one colleague."""

    def __init__(self, plan: AttendPlan, cookie: str) -> None:
        self._plan, self._cookie = plan, cookie
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, *, more: str = "") -> tuple[bytes, asyncio.StreamReader]:
        """Send a request; returns the head of the answer and where its body comes from."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._plan.host, self._plan.port)
        reader, writer = self._streams
        writer.write(
            f"GET {path} HTTP/1.1\r\nhost: {self._plan.host}\r\ncookie: {self._cookie}\r\n"
            f"accept-encoding: gzip\r\n{more}\r\n".encode()
        )
        return await reader.readuntil(b"\r\n\r\n"), reader

    async def fetch(self, path: str, *, more: str = "") -> tuple[bytes, bytes]:
        """Head and body of a whole answer, as they come over the wire. Raises OSError for a refusal."""
        head, reader = await self.ask(path, more=more)
        told = LENGTH.search(head)
        body = await reader.readexactly(int(told[1]) if told else 0)
        if not head.startswith(b"HTTP/1.1 200"):
            raise OSError(head[:40].decode(errors="replace"))
        return head, body

    def close(self) -> None:
        """Hang up."""
        if self._streams:
            self._streams[1].close()


@dataclass
class Desk:
    """One colleague's page."""

    plan: AttendPlan
    who: Colleague
    result: Attended
    live: dict[str, str] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def sit_down(self) -> None:
        """Read the page and open the stream."""
        self.pages, self.stream = (Line(self.plan, self.who.cookie) for _ in range(2))
        self.learn(*await self.pages.fetch(self.who.path))
        path = f"/live?ticket={self.live['ticket']}&since={self.live['since']}"
        _head, self.heard = await self.stream.ask(path)

    def learn(self, head: bytes, body: bytes) -> None:
        """Take the position and the ticket out of what came."""
        text = zlib.decompress(body, 31) if b"content-encoding: gzip" in head.lower() else body
        if element := LIVE.search(text):
            named = NAMED.findall(element[0])
            self.live = {name.decode(): html.unescape(value.decode()) for name, value in named}

    async def listen(self) -> None:
        """Wake at each hint."""
        async for line in self.heard:
            if line.startswith(b"data: ") and b'"streams":[]' not in line:
                self.news.set()

    async def catch_up(self) -> None:
        """Fetch what changed, as often as there is something and not more often than a page may."""
        while True:
            await self.news.wait()
            self.news.clear()
            began = time.perf_counter()
            try:
                path = f"{self.live['updates']}&since={self.live['since']}"
                head, body = await self.pages.fetch(path, more="hx-request: true\r\n")
            except (OSError, EOFError):
                self.result.failed += 1
                return
            self.result.waited.append((time.perf_counter() - began) * 1000)
            told = TOLD.search(head)
            self.result.served.append(float(told[1]) if told else 0.0)
            self.result.received += len(head) + len(body)
            self.learn(head, body)
            await asyncio.sleep(GAP)

    def leave(self) -> None:
        """Close the page."""
        self.pages.close()
        self.stream.close()


async def attend(plan: AttendPlan) -> Attended:
    """Let all sit down one after the other, say that they listen, and let them work."""
    result = Attended()
    desks = [Desk(plan, who, result) for who in plan.colleagues]
    for desk in desks:
        await desk.sit_down()
    print("listening", flush=True)
    tasks = [asyncio.create_task(w) for d in desks for w in (d.listen(), d.catch_up())]
    await asyncio.sleep(plan.seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for desk in desks:
        desk.leave()
    return result


def main() -> None:
    """Read a plan, print a result."""
    plan = msgspec.json.decode(sys.stdin.buffer.readline(), type=AttendPlan)
    result = asyncio.run(attend(plan))
    sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")


if __name__ == "__main__":
    main()
