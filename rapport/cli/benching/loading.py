"""Loading: a lean HTTP load generator, one process, one thread, no asyncio.

    python -m rapport.cli.benching.loading < plan.json > result.json

It shares the machine with what it measures, so requests are made and signed before the clock starts, and
the loop does nothing but poll, send, read and note the time. Each client keeps its connection and has one request
under way.
"""

from __future__ import annotations

import select
import socket
import sys
import time
import uuid
from typing import Any

import msgspec

from rapport.channels.webhook.signing import sign_headers
from rapport.kernel import clock


class Plan(msgspec.Struct, kw_only=True):
    """What to send: `requests` at most, for `seconds` after `warm_up` seconds, by `clients`."""

    host: str
    port: int
    path: str
    secret: str
    clients: int
    seconds: float
    warm_up: float
    requests: int
    text_size: int


class Result(msgspec.Struct, kw_only=True):
    """What came of it; times in milliseconds."""

    n: int
    seconds: float
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        return self.n / self.seconds


def make_requests(plan: Plan) -> list[bytes]:
    """Signed requests, each with an id of its own, ready for the wire."""
    now, run = clock.now(), uuid.uuid4().hex[:12]
    made = []
    for number in range(plan.requests):
        body = make_body(number, text_size=plan.text_size)
        signed = sign_headers([plan.secret], message_id=f"{run}-{number}", now=now, body=body)
        head = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        made.append(
            f"POST {plan.path} HTTP/1.1\r\nhost: {plan.host}\r\ncontent-type: application/json\r\n"
            f"{head}content-length: {len(body)}\r\n\r\n".encode("ascii")
            + body
        )
    return made


def make_body(number: int, *, text_size: int) -> bytes:
    """One message of one of 2,000 contacts."""
    contact = {"external_id": f"u-{number % 2000}", "name": "Dora", "email": "dora@example.com"}
    message = {"contact": contact, "text": "Where is my parcel? ".ljust(text_size, "x")}
    return msgspec.json.encode(message)


def run_load(plan: Plan, requests: list[bytes]) -> Result:
    """Send until the time or the requests are over."""
    poll: Any = getattr(select, "epoll", select.poll)()  # the second one on macOS
    clients = {}
    for _ in range(plan.clients):
        client = socket.create_connection((plan.host, plan.port))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        clients[client.fileno()] = client
        poll.register(client.fileno(), select.POLLIN)
    sent_at: dict[int, float] = {}
    answers: dict[int, bytes] = {}
    times, failed, tick = [], 0, time.perf_counter
    waiting = iter(requests)
    began = tick()
    counts_from, ends = began + plan.warm_up, began + plan.warm_up + plan.seconds
    for number, client in clients.items():
        client.send(next(waiting))
        sent_at[number] = tick()
    while sent_at:
        for number, _event in poll.poll(5):
            client = clients[number]
            answer = answers.pop(number, b"") + client.recv(4096)
            now = tick()
            if answer and not answer.endswith(b"}"):
                answers[number] = answer
                continue
            if sent_at[number] >= counts_from:
                times.append(now - sent_at[number])
                failed += not answer.startswith(b"HTTP/1.1 202")
            request = next(waiting, None) if now < ends else None
            if request is None or not answer:
                del sent_at[number]
                poll.unregister(number)
                continue
            client.send(request)
            sent_at[number] = now
    seconds = min(tick(), ends) - counts_from
    for client in clients.values():
        client.close()
    return _summarise(times, failed, seconds)


def _summarise(times: list[float], failed: int, seconds: float) -> Result:
    times.sort()

    def at(share: float) -> float:
        return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 3)

    return Result(
        n=len(times),
        seconds=seconds,
        failed=failed,
        p50_ms=at(0.5),
        p95_ms=at(0.95),
        p99_ms=at(0.99),
    )


def main() -> None:
    """Read a plan, print a result."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    result = run_load(plan, make_requests(plan))
    sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")


if __name__ == "__main__":
    main()
