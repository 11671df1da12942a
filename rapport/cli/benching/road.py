"""Road: mails a second from the acknowledgement to the conversation, and how long one takes at 200 a second.

Everything is on this machine: the load, as many edges and workers as `rapport up` starts (the edges with the
pages, the workers with their followers, search among them) and PostgreSQL. Counted is what was announced on
a live stream. The limit: pgbench, the same rows for each message in one transaction with a commit of its own,
32 clients. The steady part comes first: after a minute of full load the server tidies up for another.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import msgspec

from rapport.cli.benching.harness import Figure, Ground, bench_ground, run_program, say, tell
from rapport.cli.benching.mailing import MailPlan, MailResult, make_mail

SUSTAINED, STEADY, LIMIT = 60, 15, 6
STEADY_RATE = 200
CLIENTS = 32
MOST_MAILS = 150_000

ROWS = """\\set id random(1, 9000000000000000000)
BEGIN;
INSERT INTO channels_envelope (channel_id, event_id, door, raw, lane, state)
    VALUES (:channel, 'm' || :id, 'hook', convert_to(:raw, 'UTF8'), :id, 'done');
INSERT INTO conversations_conversation
    (id, subject, customer_id, channel_kind, state, priority, language, preview, opened_at,
     last_message_at, message_count)
    VALUES (:id, 'x', :customer, 'email', 'open', 2, 'en', 'x', now(), now(), 1);
INSERT INTO conversations_message
    (id, conversation_id, direction, kind, customer_id, author_name, channel_kind, external_id,
     content_key, client_key, subject, addresses, text, quoted, signature, html, has_held_images,
     language, sent_at, recorded_at, why, extras)
    VALUES (:id, :id, 'in', 'human', :customer, 'Dora', 'email', 'm' || :id, '', '', 'x', '{}', :raw,
            '', '', '', false, 'en', now(), now(), '{}', '{}');
INSERT INTO journal_entry
    (kind, subject_kind, subject_id, streams, by_kind, by_name, at, recorded_at, details)
    VALUES ('a', 'conversation', :id, 'conversation:1 inbox:0', 'customer', '', now(), now(), '{}'),
           ('b', 'conversation', :id, 'conversation:1 inbox:0', 'customer', '', now(), now(), '{}');
INSERT INTO conversations_searchtext (message_id, vector, scope)
    VALUES (:id, to_tsvector('simple', :raw), '#t0');
COMMIT;
"""


def run(*, as_json: bool) -> int:
    """Measure and tell."""
    from rapport.kernel.config import config

    with bench_ground() as ground:
        say("limit …")
        channel, path, customer = _prepare()
        limit = _measure_limit(ground, channel, customer)
        address = ground.start_desk(workers=config().workers)
        _warm_up(ground, address, path)
        say(f"steady at {STEADY_RATE} a second …")
        lags = _steady(ground, address, path)
        say(f"sustained for {SUSTAINED} s …")
        rate, count = _sustain(ground, address, path)
    tell(_figure(rate, count, limit, lags), as_json=as_json)
    return 0


def _figure(rate: float, count: int, limit: float, lags: list[float]) -> Figure:
    def at(share: float) -> float:
        return round(lags[min(len(lags) - 1, int(len(lags) * share))] * 1000, 1)

    return Figure(
        name="road",
        value=round(rate, 1),
        unit="messages/s",
        limit=round(limit, 1),
        ratio=round(rate / limit, 3),
        p50_ms=at(0.5),
        p95_ms=at(0.95),
        p99_ms=at(0.99),
        n=count,
    )


def _prepare() -> tuple[int, str, int]:
    from rapport.accounts.models import Company
    from rapport.channels.models import Channel
    from rapport.customers.models import Customer

    Company.objects.create(name="Bench")
    channel = Channel.objects.create(kind="email", name="Help", address="help@bench.example")
    customer = Customer.objects.create(name="Dora")
    return channel.pk, f"/hooks/email/{channel.hook_secret}", customer.pk


def _measure_limit(ground: Ground, channel: int, customer: int) -> float:
    from rapport.kernel.pg.finding import find_program

    script = Path(ground.home) / "road.sql"
    script.write_text(ROWS)
    mail = make_mail(0, _plan(ground, "http://127.0.0.1:1", "")).decode().replace("\r\n", " ")
    printed = run_program(
        [
            str(find_program("pgbench")),
            *("-n", "-M", "prepared", "-f", str(script), "-c", "32", "-j", "2", "-T", str(LIMIT)),
            *("-D", f"channel={channel}", "-D", f"customer={customer}", "-D", f"raw={mail}"),
            ground.database_url,
        ]
    )
    _forget_rows()
    found = re.search(rb"tps = ([0-9.]+)", printed)
    if found is None:
        raise ValueError(printed.decode())
    return float(found[1])


def _forget_rows() -> None:
    """The road begins with empty tables; the sequences were not touched."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE channels_envelope, conversations_conversation, journal_entry CASCADE"
        )


def _plan(ground: Ground, address: str, path: str, **more: object) -> MailPlan:
    plan = MailPlan(
        host="127.0.0.1",
        port=int(address.rpartition(":")[2]),
        path=path,
        database_url=ground.database_url,
        clients=CLIENTS,
        seconds=0,
        most=0,
        people=2000,
    )
    return msgspec.structs.replace(plan, **more)


def _mail(plan: MailPlan) -> MailResult:
    printed = run_program(
        [sys.executable, "-m", "rapport.cli.benching.mailing"], given=msgspec.json.encode(plan)
    )
    return msgspec.json.decode(printed, type=MailResult)


def _sustain(ground: Ground, address: str, path: str) -> tuple[float, int]:
    """Messages a second that were announced while the load lasted."""
    from rapport.kernel.journal.models import Entry

    received = Entry.objects.filter(kind="conversations.message_received")
    before = received.count()
    listener = Listener(address)
    result = _mail(
        _plan(ground, address, path, seconds=SUSTAINED, most=MOST_MAILS, prefix="sustained")
    )
    listener.stop()
    reached = listener.position_at(result.ended)
    count = received.filter(id__lte=reached).count() - before
    return count / (result.ended - result.began), count


def _warm_up(ground: Ground, address: str, path: str) -> None:
    """The road begins when the workers have come up and one mail has gone all the way."""
    _mail(_plan(ground, address, path, seconds=1, most=20, rate=20, prefix="first"))
    _drain()


def _drain() -> None:
    """Wait until nothing is left on the road."""
    from rapport.channels.models import Envelope

    while Envelope.objects.filter(state="waiting").exists():
        time.sleep(0.2)
    time.sleep(1)


def _steady(ground: Ground, address: str, path: str) -> list[float]:
    """Seconds from the acknowledgement of each mail to its announcement, sorted."""
    listener = Listener(address)
    plan = _plan(
        ground,
        address,
        path,
        seconds=STEADY,
        most=STEADY * STEADY_RATE,
        rate=STEADY_RATE,
        prefix="steady",
    )
    result = _mail(plan)
    _drain()
    listener.stop()
    entries = _entries_of("steady")
    return sorted(
        max(listener.heard_of(entries[number]) - acknowledged, 0.0)
        for number, acknowledged in result.acknowledged.items()
    )


def _entries_of(prefix: str) -> dict[int, int]:
    """The journal entry of each mail, by its number."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT substring(m.external_id FROM %s)::int, e.id FROM conversations_message m
               JOIN journal_entry e ON e.subject_id = m.conversation_id
                AND e.kind = 'conversations.message_received' AND (e.details ->> 'message')::bigint = m.id
               WHERE m.external_id LIKE %s""",
            [f"{prefix}([0-9]+)@", f"{prefix}%"],
        )
        return dict(cursor.fetchall())


class Listener:
    """A page's live stream over every list: which position was announced when."""

    def __init__(self, address: str) -> None:
        from rapport.kernel import clock
        from rapport.kernel.live.tickets import make_ticket

        ticket = make_ticket(1, ["inbox:*"], now=clock.now())
        host, _, port = address.removeprefix("http://").partition(":")
        self.heard: list[tuple[float, int]] = []
        self._stopped = threading.Event()
        self._connection = HTTPConnection(host, int(port), timeout=30)
        self._connection.request("GET", f"/live?ticket={ticket}")
        self._answer = self._connection.getresponse()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for line in self._answer:
                if line.startswith(b"id:"):
                    position = line[3:].strip().decode()
                    self.heard.append((time.time(), int(position.rpartition(".")[2])))
        except (OSError, ValueError, AttributeError):
            if not self._stopped.is_set():
                raise

    def stop(self) -> None:
        """Hang up."""
        self._stopped.set()
        if self._connection.sock:
            self._connection.sock.close()

    def position_at(self, moment: float) -> int:
        """The highest entry that had been announced by then."""
        return max((entry for at, entry in self.heard if at <= moment), default=0)

    def heard_of(self, entry: int) -> float:
        """When this entry was first covered by an announcement."""
        return min((at for at, reached in self.heard if reached >= entry), default=time.time())
