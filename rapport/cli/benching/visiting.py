"""Visiting: readers who open pages one after the other, and how long each page takes the server."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection

READERS = 8
TOLD = "app;dur="
Urls = Callable[[random.Random], str]
Times = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Visited:
    """The milliseconds of each page, sorted: as the edge tells them, and all as the readers waited for them.

    The readers wait longer: they share the machine, and one Python, among themselves.
    """

    served: Times = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)


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
        host, _, port = address.removeprefix("http://").partition(":")
        connection = HTTPConnection(host, int(port), timeout=30)
        headers = {"Cookie": cookies[number % len(cookies)]}
        names = sorted(pages, key=lambda _name: draw.random())
        while time.perf_counter() < ends and not faults:
            for name in names:
                began = time.perf_counter()
                connection.request("GET", pages[name](draw), headers=headers)
                answer = connection.getresponse()
                answer.read()
                # A browser sends its token of forms back; without it each page makes another one.
                if given := answer.headers.get("Set-Cookie", "").partition(";")[0]:
                    headers = {"Cookie": f"{cookies[number % len(cookies)]}; {given}"}
                waited.append((time.perf_counter() - began) * 1000)
                told = answer.headers.get("Server-Timing", "")
                if answer.status != 200 or not told.startswith(TOLD):
                    faults.append(f"{name}: {answer.status} {told}")
                    break
                served[name].append(float(told.removeprefix(TOLD)))
        connection.close()

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
