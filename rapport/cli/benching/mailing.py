"""Mailing: a load generator of mails, at a set pace or as fast as they become messages.

    python -m rapport.cli.benching.mailing < plan.json > result.json

With `rate` it sends so many a second. Without, it sends as long as fewer than `window` mails are on the road,
so that what is measured is the slowest part of the road and not a growing heap before it.
"""

from __future__ import annotations

import re
import select
import socket
import sys
import time

import msgspec
import psycopg

from rapport.cli.benching.wording import text_of

LOOK_EVERY = 0.05
#: Seconds that answers gather at full load: a look for each would take the machine from what is measured.
NAP = 0.002


class MailPlan(msgspec.Struct, kw_only=True):
    """What to send: mails of `people` customers for `seconds`, by `clients` connections.

    They are counted from `first` on. With `talks` the first so many open conversations, and four of five
    mails behind them answer in one of these.
    """

    host: str
    port: int
    path: str
    database_url: str
    clients: int
    seconds: float
    most: int
    people: int
    rate: float | None = None
    window: int = 2000
    prefix: str = "m"
    first: int = 0
    talks: int = 0


class MailResult(msgspec.Struct, kw_only=True):
    """When each mail was acknowledged, by its number, and how many failed; times in Unix seconds."""

    acknowledged: dict[int, float]
    failed: int
    began: float
    ended: float


def make_mail(number: int, plan: MailPlan) -> bytes:
    """A short mail of one of the customers, as a mailer writes it."""
    person = number % plan.people
    body = (
        f"Hello, this is about order {number}.\r\n\r\n"
        f"{text_of(number)}\r\n\r\n"
        "Kind regards\r\nDora\r\n"
    )
    return (
        f"From: Dora {person} <dora{person}@customers.example>\r\n"
        f"To: Help <help@bench.example>\r\n"
        f"Subject: Where is order {number}?\r\n"
        f"Date: Mon, 02 Nov 2026 09:00:00 +0100\r\n"
        f"Message-ID: <{plan.prefix}{number}@customers.example>\r\n"
        f"{answered_by(number, plan)}"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
        f"{body}"
    ).encode()


def answered_by(number: int, plan: MailPlan) -> str:
    """The header that says which mail this one answers; empty for one that opens a conversation."""
    if not plan.talks or number < plan.talks or number % 5 == 0:
        return ""
    return f"In-Reply-To: <{plan.prefix}{number % plan.talks}@customers.example>\r\n"


def make_request(number: int, plan: MailPlan) -> bytes:
    """The mail as a request, ready for the wire."""
    mail = make_mail(number, plan)
    return (
        f"POST {plan.path} HTTP/1.1\r\nhost: {plan.host}\r\ncontent-type: message/rfc822\r\n"
        f"content-length: {len(mail)}\r\n\r\n"
    ).encode() + mail


def is_whole(answer: bytes) -> bool:
    """Whether head and body of an answer have come; an empty one means that the edge hung up."""
    head, gap, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.I)
    return not answer or bool(gap and (length is None or len(body) >= int(length[1])))


class Mailer:
    """Connections that send one mail at a time each, as the pace allows."""

    def __init__(self, plan: MailPlan) -> None:
        self.plan, self.result = plan, MailResult(acknowledged={}, failed=0, began=0, ended=0)
        self.requests = [make_request(plan.first + number, plan) for number in range(plan.most)]
        self.sent, self.made, self.looked = 0, 0, 0.0
        self.idle: list[socket.socket] = []
        self.busy: dict[int, tuple[socket.socket, int]] = {}
        self.answers: dict[int, bytes] = {}
        self.poll = select.poll()
        self.database = psycopg.connect(plan.database_url, autocommit=True)
        self.began_with = self._count()

    def run(self) -> MailResult:
        """Send until the time is over, then wait for the last answers."""
        for _ in range(self.plan.clients):
            client = socket.create_connection((self.plan.host, self.plan.port))
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.idle.append(client)
        began = self.result.began = time.time()
        while time.time() - began < self.plan.seconds and self.sent < self.plan.most:
            for _ in range(min(self._allowed(time.time() - began), len(self.idle))):
                self._send()
            if self.plan.rate is None:
                time.sleep(NAP)
            self._receive(2 if self.busy else 1)
        self.result.ended = time.time()
        while self.busy:
            self._receive(1000)
        return self.result

    def _allowed(self, elapsed: float) -> int:
        if self.plan.rate is not None:
            return int(elapsed * self.plan.rate) - self.sent
        if elapsed - self.looked > LOOK_EVERY:
            self.looked, self.made = elapsed, self._count() - self.began_with
        return self.plan.window - (self.sent - self.made)

    def _count(self) -> int:
        row = self.database.execute(
            "SELECT last_value FROM conversations_message_id_seq"
        ).fetchone()
        return int(row[0]) if row else 0

    def _send(self) -> None:
        if self.sent >= self.plan.most:
            return
        client = self.idle.pop()
        client.sendall(self.requests[self.sent])
        self.busy[client.fileno()] = (client, self.sent)
        self.poll.register(client.fileno(), select.POLLIN)
        self.sent += 1

    def _receive(self, milliseconds: int) -> None:
        if not self.busy:
            time.sleep(milliseconds / 1000)
            return
        for number, _event in self.poll.poll(milliseconds):
            client, mail = self.busy[number]
            answer = self.answers.pop(number, b"") + client.recv(4096)
            if not is_whole(answer):
                self.answers[number] = answer
                continue
            del self.busy[number]
            self.poll.unregister(number)
            if answer.startswith(b"HTTP/1.1 2"):
                self.result.acknowledged[mail] = time.time()
            else:
                self.result.failed += 1
            self.idle.append(client)


def main() -> None:
    """Read a plan, print a result."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=MailPlan)
    sys.stdout.buffer.write(msgspec.json.encode(Mailer(plan).run()) + b"\n")


if __name__ == "__main__":
    main()
