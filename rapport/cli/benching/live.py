"""Live: from the moment a customer's message is written until it stands on a colleague's page.

Fifty colleagues of one team have the list and a conversation open. Fifty mails a second come in, four of five
into conversations that have begun. Two of the colleagues are Chromium, which notes by itself when its list and
its thread show what came; the others do what a page does, over the wire. Told is the 99th percentile of all
that was shown, counted from the row's own time, shortly before its commit; the limit is 500 ms.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, cast

import msgspec

from rapport.cli.benching.attending import Attended, AttendPlan, Colleague
from rapport.cli.benching.browsing import Page, chromium
from rapport.cli.benching.harness import Figure, Ground, bench_ground, run_program, say, tell
from rapport.cli.benching.mailing import MailPlan, MailResult
from rapport.cli.benching.visiting import share_of, sign_in
from rapport.cli.benching.weighing import Weighing
from rapport.cli.failing import CommandFailed

COLLEAGUES, WATCHED = 50, 2
TALKS, RATE, SECONDS, WARM_UP = 200, 50, 30, 5
LIMIT_MS = 500
PATIENCE = 40


def run(*, as_json: bool) -> int:
    """Measure and tell."""
    from rapport.kernel.config import config

    with bench_ground() as ground:
        team, path = _prepare()
        address = ground.start_desk(workers=config().workers)
        _mail(ground, address, path, first=0, most=TALKS, rate=RATE)
        talks = _talks()
        cookies = [sign_in(agent) for agent in team]
        pages = [f"/inbox/conversations/C-{talk}?shelf=open" for talk in talks]
        with chromium() as browser, _others(address, cookies[WATCHED:], pages[WATCHED:]) as others:
            watched = [browser.new_page() for _ in range(WATCHED)]
            for page, cookie, its in zip(watched, cookies, pages, strict=False):
                page.open(address + its, cookie=cookie)
            _await_listening(watched)
            say(f"{COLLEAGUES} colleagues listen; {RATE} mails a second for {SECONDS} s …")
            _mail(ground, address, path, first=TALKS, most=WARM_UP * RATE, rate=RATE)
            with Weighing() as weighing:
                first = TALKS + WARM_UP * RATE
                _mail(ground, address, path, first=first, most=SECONDS * RATE, rate=RATE)
            time.sleep(2)
            noted = [page.noted() for page in watched]
            attended = others.end()
        lags = _lags(noted, first=first, talks=talks)
    _tell_rest(attended, weighing)
    tell(_figure(lags), as_json=as_json)
    return 0


def _figure(lags: list[float]) -> Figure:
    if not lags:
        raise CommandFailed("no message came to a page")
    p99 = share_of(lags, 0.99)
    return Figure(
        name="live",
        value=p99,
        unit="ms",
        limit=LIMIT_MS,
        ratio=round(p99 / LIMIT_MS, 3),
        p50_ms=share_of(lags, 0.5),
        p95_ms=share_of(lags, 0.95),
        p99_ms=p99,
        n=len(lags),
    )


def _prepare() -> tuple[list[int], str]:
    """A team with a mailbox; the ids of its colleagues, and the mailbox's hook."""
    from rapport.accounts.models import Agent, Company, Membership, Team
    from rapport.channels.models import Channel

    Company.objects.create(name="Bench")
    team = Team.objects.create(name="Support")
    channel = Channel.objects.create(
        kind="email", name="Help", address="help@bench.example", team=team
    )
    agents = [
        Agent.objects.create_user(f"a{number}@bench.example", name=f"Agent {number}")
        for number in range(COLLEAGUES)
    ]
    Membership.objects.bulk_create(Membership(team=team, agent=agent) for agent in agents)
    return [agent.pk for agent in agents], f"/hooks/email/{channel.hook_secret}"


def _mail(ground: Ground, address: str, path: str, *, first: int, most: int, rate: int) -> None:
    """Send so many mails at this pace, and wait until they are messages."""
    from rapport.channels.models import Envelope

    plan = MailPlan(
        host="127.0.0.1",
        port=int(address.rpartition(":")[2]),
        path=path,
        database_url=ground.database_url,
        clients=8,
        seconds=most / rate + 5,
        most=most,
        people=TALKS,
        rate=rate,
        first=first,
        talks=TALKS,
    )
    command = [sys.executable, "-m", "rapport.cli.benching.mailing"]
    printed = run_program(command, given=msgspec.json.encode(plan))
    result = msgspec.json.decode(printed, type=MailResult)
    if result.failed:
        raise CommandFailed(f"{result.failed} mails were not taken")
    while Envelope.objects.filter(state="waiting").exists():
        time.sleep(0.1)


def _talks() -> list[int]:
    """The conversations that the first mails opened, in their order."""
    from rapport.conversations.models import Conversation

    talks = list(Conversation.objects.order_by("pk").values_list("pk", flat=True))
    if len(talks) != TALKS:
        raise CommandFailed(f"{len(talks)} conversations of {TALKS} mails")
    return talks


def _await_listening(pages: list[Page]) -> None:
    until = time.monotonic() + PATIENCE
    while not all(page.is_listening() for page in pages):
        if time.monotonic() > until:
            raise CommandFailed("a page never heard its stream")
        time.sleep(0.2)


class Others:
    """The colleagues who are no browser, in a process of their own."""

    def __init__(self, plan: AttendPlan) -> None:
        command = [sys.executable, "-m", "rapport.cli.benching.attending"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._said = cast(IO[bytes], self._process.stdout)
        with cast(IO[bytes], self._process.stdin) as told:
            told.write(msgspec.json.encode(plan) + b"\n")
        if self._said.readline().strip() != b"listening":
            raise CommandFailed("a colleague could not open the page")

    def end(self) -> Attended:
        """Wait for what they have to tell."""
        return msgspec.json.decode(self._said.readline(), type=Attended)

    def stop(self) -> None:
        """End them, whatever they do."""
        self._process.kill()
        self._process.wait()
        self._said.close()


@contextmanager
def _others(address: str, cookies: list[str], pages: list[str]) -> Iterator[Others]:
    host, _, port = address.removeprefix("http://").partition(":")
    colleagues = [
        Colleague(cookie=cookie, path=path) for cookie, path in zip(cookies, pages, strict=False)
    ]
    seconds = SECONDS + WARM_UP + 12
    plan = AttendPlan(host=host, port=int(port), colleagues=colleagues, seconds=seconds)
    others = Others(plan)
    try:
        yield others
    finally:
        others.stop()


def _lags(
    noted: list[Mapping[str, Mapping[str, float]]], *, first: int, talks: list[int]
) -> list[float]:
    """Milliseconds from a message's row until a list or an open thread showed it, or a later one of its row."""
    lags: list[float] = []
    missing = 0
    for number, page in enumerate(noted):
        threads: dict[int, list[tuple[int, float]]] = {}
        for order, talk, at in _written(first):
            threads.setdefault(talk, []).append((order, at))
        for talk, written in threads.items():
            places = ["rows", "thread"] if talk == talks[number] else ["rows"]
            for place in places:
                found, lost = _shown(page[place], written)
                lags += found
                missing += lost
    if missing:
        raise CommandFailed(f"{missing} messages never came to a page")
    return sorted(lags)


def _shown(noted: Mapping[str, float], written: list[tuple[int, float]]) -> tuple[list[float], int]:
    """How late each of a conversation's messages was, or the one after it; and how many never came."""
    lags, at_last = [], None
    lost = 0
    for order, at in sorted(written, reverse=True):
        seen = noted.get(str(order))
        at_last = min(filter(None, (seen, at_last)), default=None)
        if at_last is None:
            lost += 1
        else:
            lags.append(round(at_last - at, 1))
    return lags, lost


def _written(first: int) -> list[tuple[int, int, float]]:
    """Every mail of the measurement: its order, its conversation, and the Unix milliseconds of its row."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT substring(external_id FROM '([0-9]+)@')::int n, conversation_id,
                      extract(epoch FROM recorded_at) * 1000
               FROM conversations_message WHERE external_id LIKE 'm%%@customers.example'"""
        )
        rows: list[Any] = cursor.fetchall()
    return [(order, talk, float(at)) for order, talk, at in rows if order >= first]


def _tell_rest(attended: Attended, weighing: Weighing) -> None:
    served, waited = sorted(attended.served), sorted(attended.waited)
    if not served or attended.failed:
        raise CommandFailed(f"{attended.failed} colleagues were refused, {len(served)} answers")
    per_answer = attended.received / len(served)
    say(
        f"{len(served)} catch-ups of {COLLEAGUES - WATCHED} colleagues, {per_answer / 1000:.1f} kB each: "
        f"served p50 {share_of(served, 0.5):g} ms, p95 {share_of(served, 0.95):g} ms; "
        f"waited p95 {share_of(waited, 0.95):g} ms"
    )
    say(weighing.words)
