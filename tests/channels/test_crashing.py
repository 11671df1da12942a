"""Workers killed at every step of a delivery: one mail at the other side, or a question; never two."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import time_machine

from rapport.channels.delivering import deliver
from rapport.channels.models import Delivery, DeliveryState
from rapport.channels.sweeping import sweep_deliveries
from rapport.kernel.pg.locking import lock_name
from tests.channels.conftest import Send
from tests.channels.sinks import Sink

DELIVER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
import django
django.setup()
from rapport.channels.delivering import deliver
deliver(int(sys.argv[1]))
"""
WORK = """
import os, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
import django
django.setup()
from rapport.channels.working import work
work(threading.Event())
"""


@contextmanager
def process(program: str, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)])
    try:
        yield running
    finally:
        running.kill()
        running.wait(10)


def kill(worker: subprocess.Popen[bytes]) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)


def after(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return str(delivery.state)


def sweep_until_settled(delivery: Delivery) -> str:
    """The database notices a killed session a moment later."""
    for _ in range(200):
        sweep_deliveries()
        if after(delivery) not in (DeliveryState.SENDING, DeliveryState.HANDING):
            break
        time.sleep(0.05)
    return str(delivery.state)


@pytest.mark.parametrize(
    ("step", "while_killed", "found", "mails"),
    [
        ("rcpt", DeliveryState.SENDING, DeliveryState.QUEUED, 0),
        ("data", DeliveryState.HANDING, DeliveryState.UNKNOWN, 0),
        ("dot", DeliveryState.HANDING, DeliveryState.UNKNOWN, 1),
        ("after", DeliveryState.ACCEPTED, DeliveryState.ACCEPTED, 1),
    ],
)
def test_p05_p07_a_worker_killed_in_the_middle(
    step: str, while_killed: str, found: str, mails: int, send: Send, sink: Sink
) -> None:
    delivery = send()
    sink.hold = step
    with process(DELIVER, delivery.pk) as worker:
        assert sink.reached.wait(60)
        assert after(delivery) == while_killed
        assert sweep_deliveries().unknown == 0
        kill(worker)
    sink.hold = ""
    sink.go_on.set()
    assert sweep_until_settled(delivery) == found
    assert len(sink.mails) == mails
    with time_machine.travel(delivery.due_at, tick=True):
        deliver(delivery.pk)
    assert len(sink.mails) == 1 or after(delivery) == DeliveryState.UNKNOWN
    assert len(sink.mails) <= 1


def test_p05_p07_a_worker_killed_before_it_could_write_the_250_down(
    send: Send, sink: Sink, database: str
) -> None:
    delivery = send()
    sink.hold = "dot"
    lane = delivery.message.conversation_id
    with process(DELIVER, delivery.pk) as worker, psycopg.connect(database) as other:
        assert sink.reached.wait(60)
        lock_name(other.cursor(), "channels.outgoing", lane)
        sink.go_on.set()
        wait_for_a_waiting_lock(database)
        kill(worker)
    assert sweep_until_settled(delivery) == DeliveryState.UNKNOWN
    assert len(sink.mails) == 1


def wait_for_a_waiting_lock(database: str) -> None:
    """Until the worker, which has heard the 250, waits for its conversation."""
    with psycopg.connect(database, autocommit=True) as looker:
        for _ in range(600):
            query = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            if looker.execute(query).fetchone():
                return
            time.sleep(0.05)
    raise AssertionError("the worker never came to write it down")


def test_p05_another_worker_takes_over_by_itself(send: Send, sink: Sink) -> None:
    sink.hold = "rcpt"
    with process(WORK) as worker:
        deliveries = [send(f"mail {number}") for number in range(3)]
        assert sink.reached.wait(60)
        kill(worker)
    sink.hold = ""
    sink.go_on.set()
    with process(WORK):
        until = time.monotonic() + 90
        while {after(delivery) for delivery in deliveries} != {DeliveryState.ACCEPTED}:
            assert time.monotonic() < until, [after(delivery) for delivery in deliveries]
            time.sleep(0.2)
    assert sink.words() == ["mail 0", "mail 1", "mail 2"]
