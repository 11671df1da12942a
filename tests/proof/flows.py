"""What customers and agents do while everything around them dies: they try again until they are answered."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx

from tests.channels.mails import mail


class Patient:
    """Repeats a request until an answer is final, as mail servers and good programs do."""

    def __init__(self, url: str, until: float, **headers: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=20, headers=headers, verify=False)
        self._until = until
        self.tries = 0

    def post(self, path: str, **request: Any) -> httpx.Response:
        """The first answer below 500; none and a 5xx are asked again."""
        return self._insist(lambda: self._http.post(path, **request))

    def get(self, path: str, **request: Any) -> httpx.Response:
        return self._insist(lambda: self._http.get(path, **request))

    def _insist(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        while True:
            self.tries += 1
            last: object = None
            try:
                answer = ask()
                if answer.status_code < 500:
                    return answer
                assert answer.status_code == 503, (answer.status_code, answer.text)
                last = answer.text
            except httpx.TransportError as error:
                last = error
            assert time.monotonic() < self._until, f"no answer until the end: {last}"
            time.sleep(0.1)

    def close(self) -> None:
        self._http.close()


class Flow:
    """Customers who write and agents who answer, each in order; nobody writes faster than `gate` allows."""

    def __init__(self, url: str, *, seconds: float) -> None:
        self.url, self.until = url, time.monotonic() + seconds
        self.progress = 0.0
        self._pool = ThreadPoolExecutor(max_workers=64)
        self._running: list[Future[int]] = []
        self._lock = threading.Lock()
        self.done = 0

    def gate(self, share: float) -> None:
        """Wait until this share of the whole may be done."""
        while self.progress < share and time.monotonic() < self.until:
            time.sleep(0.02)

    def count(self) -> None:
        with self._lock:
            self.done += 1

    def begin(self, act: Callable[..., int], *arguments: Any) -> None:
        self._running.append(self._pool.submit(act, self, *arguments))

    @property
    def is_over(self) -> bool:
        return all(future.done() for future in self._running)

    def end(self) -> list[int]:
        """What each returned; raises what one of them met."""
        self._pool.shutdown(wait=True)
        return [future.result() for future in self._running]


def message_id(customer: int, number: int) -> str:
    return f"{customer}.{number}@customers.example"


def customer_mail(customer: int, number: int) -> bytes:
    """The customer's mail of this number; all after the first answer it."""
    first = f"<{message_id(customer, 0)}>" if number else ""
    return mail(
        sender=f"Customer {customer} <c{customer}@customers.example>",
        subject=f"Order {customer}",
        text=f"Mail {number} of customer {customer}: where is my parcel?",
        Message_ID=f"<{message_id(customer, number)}>",
        In_Reply_To=first,
        References=first,
    )


def write_in_order(flow: Flow, path: str, customer: int, count: int) -> int:
    """Bring this customer's mails one after the other; some twice, as mail servers do."""
    sender = Patient(flow.url, flow.until, **{"content-type": "message/rfc822"})
    chance = random.Random(customer)
    try:
        for number in range(count):
            flow.gate(number / count)
            for _ in range(2 if chance.random() < 0.1 else 1):
                answer = sender.post(path, content=customer_mail(customer, number))
                assert answer.status_code in (200, 202), answer.text
            flow.count()
    finally:
        sender.close()
    return sender.tries


def answer_in_order(flow: Flow, token: str, customer: int, count: int) -> int:
    """Find the customer's conversation and answer several times; every answer has a key of its own."""
    program = Patient(flow.url, flow.until, authorization=f"Bearer {token}")
    try:
        conversation = _find_conversation(flow, program, message_id(customer, 0))
        for number in range(count):
            flow.gate(0.1 + 0.85 * number / count)
            answer = program.post(
                f"/api/v1/conversations/{conversation}/messages",
                json={"text": f"Answer {number} to customer {customer}.", "anyway": True},
                headers={"Idempotency-Key": f"{customer}-{number}"},
            )
            assert answer.status_code == 201, answer.text
            flow.count()
    finally:
        program.close()
    return program.tries


def _find_conversation(flow: Flow, program: Patient, external_id: str) -> int:
    while True:
        answer = program.get("/api/v1/messages", params={"external_id": external_id})
        assert answer.status_code == 200, answer.text
        if items := answer.json()["items"]:
            return int(items[0]["conversation"])
        assert time.monotonic() < flow.until, f"{external_id} never came in"
        time.sleep(0.1)
