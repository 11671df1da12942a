"""Visiting: readers who open pages one after the other, and how long each page takes the server."""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

READERS = 8
TOLD = re.compile(rb"^server-timing: app;dur=([\d.]+)", re.I | re.M)
LENGTH = re.compile(rb"^content-length: (\d+)", re.I | re.M)
GIVEN = re.compile(rb"^set-cookie: ([^;\r]+)", re.I | re.M)
LARGEST = 4_000_000
#: Readers have browsers: what packing a page costs is part of its time.
PACKED = "accept-encoding: gzip\r\n"
#: Pages that are fetched as a click fetches them: the parts that change.
BY_HTMX = {"opening"}
Urls = Callable[[random.Random], str]
Times = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Visited:
    """The milliseconds of each page, sorted: as the edge tells them, and all as the readers waited for them.

    The readers wait longer: they share the machine, and one Python, among themselves.
    """

    served: Times = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)


class Line:
    """A reader's connection, as cheap as can be: Python's own costs ten times as much."""

    def __init__(self, address: str, *, cookie: str) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self._host, self._own, self._given = host, cookie.encode(), b""
        self._socket = socket.create_connection((host, int(port)), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answer = bytearray(LARGEST)

    def fetch(self, path: str, *, by_htmx: bool = False) -> bytes:
        """Open a page and read it whole; returns its head. Raises OSError where the line ends."""
        heads = PACKED + ("hx-request: true\r\n" if by_htmx else "")
        asked = f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\n{heads}cookie: ".encode()
        self._socket.sendall(asked + self._own + self._given + b"\r\n\r\n")
        room, size, end = memoryview(self._answer), 0, -1
        while end < 0 or size < end:
            got = self._socket.recv_into(room[size:])
            if not got:
                raise ConnectionResetError("the edge hung up")
            size += got
            if end < 0 and (gap := self._answer.find(b"\r\n\r\n", 0, size)) >= 0:
                head = bytes(room[: gap + 2])
                told = LENGTH.search(head)
                end = gap + 4 + int(told[1]) if told else 0
        # A browser sends its token of forms back; without it each page makes another one.
        if given := GIVEN.search(head):
            self._given = b"; " + given[1]
        return head

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def sign_in(agent_id: int) -> str:
    """A session of this agent, as the cookie that its browser would send."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from rapport.accounts.models import Agent
    from rapport.web.sign_in.remembering import SessionStore

    agent = Agent.objects.get(pk=agent_id)
    session = SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def visit(
    address: str, pages: Mapping[str, Urls], *, cookies: Sequence[str], seconds: float
) -> Visited:
    """Let eight readers open the pages in turn. Raises RuntimeError for a page that is none."""
    served: Times = {name: [] for name in pages}
    waited: list[float] = []
    faults: list[str] = []
    ends = time.perf_counter() + seconds

    def read(number: int) -> None:
        draw = random.Random(number)  # noqa: S311
        names = sorted(pages, key=lambda _name: draw.random())
        with closing(Line(address, cookie=cookies[number % len(cookies)])) as line:
            while time.perf_counter() < ends and not faults:
                for name in names:
                    began = time.perf_counter()
                    head = line.fetch(pages[name](draw), by_htmx=name in BY_HTMX)
                    waited.append((time.perf_counter() - began) * 1000)
                    told = TOLD.search(head)
                    if not head.startswith(b"HTTP/1.1 200") or not told:
                        faults.append(f"{name}: {head[:40]!r}")
                        break
                    served[name].append(float(told[1]))

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    if faults:
        raise RuntimeError(faults[0])
    return Visited({name: sorted(times) for name, times in served.items()}, sorted(waited))


def share_of(times: Sequence[float], share: float) -> float:
    """The time that this share of visits stayed below."""
    return round(times[min(len(times) - 1, int(len(times) * share))], 2)


def worst(took: Times) -> tuple[str, float]:
    """The page whose 95th percentile is the highest."""
    return max(
        ((name, share_of(times, 0.95)) for name, times in took.items()), key=lambda item: item[1]
    )
