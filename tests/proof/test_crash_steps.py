"""Killed at a named step: a lock of the test holds the step open, so that the blow always falls there."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx
import psycopg
import pytest

from rapport.kernel import clock
from rapport.kernel.live.tickets import make_ticket
from tests.proof.conftest import Desk
from tests.proof.flows import Flow, answer_in_order, write_in_order
from tests.proof.ledger import await_quiet, check_what_came_in, check_what_went_out
from tests.proof.stand import Stand

NUMBERS = count(100)
#: Holds a commit of messages open for as long as the test has the advisory lock 77.
SLOW_COMMIT = """
CREATE OR REPLACE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN NULL; END $$;
DROP TRIGGER IF EXISTS held ON conversations_message;
CREATE CONSTRAINT TRIGGER held AFTER INSERT ON conversations_message
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION held();
"""
MESSAGES = "SELECT count(*) FROM conversations_message WHERE external_id LIKE %s"


@pytest.fixture
def held_commit(desk: Desk) -> str:
    """The statement that holds commits of messages open."""
    with psycopg.connect(desk.stand.database_url) as connection:
        connection.execute(SLOW_COMMIT)
    return "SELECT pg_advisory_lock(77)"


@contextmanager
def meanwhile(act: Callable[[], Any]) -> Iterator[Future[Any]]:
    """Let it run in a thread; whatever it met is raised at the end."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(act)
        yield running
    running.result()


def bring(desk: Desk, customer: int, mails: int) -> int:
    """A patient sender brings so many mails."""
    flow = Flow(desk.stand.url, seconds=150)
    flow.progress = 2.0
    return write_in_order(flow, desk.hook, customer, mails)


def stop_and_kill(stand: Stand, name: str, *, after: Callable[[], Any]) -> None:
    """Freeze a process, let what it has under way happen without it, kill it."""
    parts = stand.workers if name == "workers" else [stand.parts[name]]
    for part in parts:
        part.send(signal.SIGSTOP)
    try:
        after()
    finally:
        for part in parts:
            part.send(signal.SIGKILL)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("is_committed", [True, False])
def test_p05_p08_an_edge_killed_at_the_commit_of_an_envelope_has_it_once(
    desk: Desk, is_committed: bool
) -> None:
    stand, customer = desk.stand, next(NUMBERS)
    # The edge prepares its statement once, and that would wait for the lock as well. So would a worker.
    bring(desk, next(NUMBERS), 1)
    await_quiet(stand)
    before, mark = "SELECT count(*) FROM channels_envelope WHERE raw LIKE %s", f"%Order {customer}%"
    with (
        stand.holding("LOCK TABLE channels_envelope IN SHARE MODE") as lock,
        meanwhile(lambda: bring(desk, customer, 1)) as sender,
    ):
        stand.await_stuck("channels_envelope")

        def commit() -> None:
            if is_committed:
                lock.rollback()
                stand.await_true(lambda: stand.number(before, mark.encode()), "it is committed")

        stop_and_kill(stand, "edge", after=commit)
        lock.rollback()
        assert sender.result(150) > 1, "the sender had no answer and came again"
    await_quiet(stand)
    check_what_came_in(stand, {customer: 1})


@pytest.mark.timeout(300)
def test_p05_workers_killed_in_the_middle_of_a_batch_leave_nothing_half_done(desk: Desk) -> None:
    stand, customers = desk.stand, [next(NUMBERS) for _ in range(3)]
    with stand.holding("LOCK TABLE conversations_message IN SHARE MODE"):
        for customer in customers:
            bring(desk, customer, 4)
        stand.await_stuck("conversations_message")
        stand.signal_workers(signal.SIGKILL)
    await_quiet(stand)
    check_what_came_in(stand, dict.fromkeys(customers, 4))


@pytest.mark.timeout(300)
def test_p05_p32_workers_killed_between_commit_and_announcement_keep_no_page_waiting(
    desk: Desk, held_commit: str
) -> None:
    stand, customer = desk.stand, next(NUMBERS)
    ticket = make_ticket(1, ["inbox:*"], now=clock.now())
    with httpx.stream("GET", f"{stand.url}/live?ticket={ticket}", timeout=60) as page:
        lines = page.iter_lines()
        next(line for line in lines if line.startswith("event: at"))
        with stand.holding(held_commit) as lock:
            bring(desk, customer, 1)
            stand.await_stuck()

            def commit() -> None:
                lock.execute("SELECT pg_advisory_unlock_all()")
                stand.await_true(lambda: stand.number(MESSAGES, f"{customer}.%"), "committed")

            stop_and_kill(stand, "workers", after=commit)
        assert next(line for line in lines if line.startswith("event: at"))
    await_quiet(stand)
    check_what_came_in(stand, {customer: 1})


@pytest.mark.timeout(300)
def test_p05_postgresql_killed_at_the_commit_of_a_batch_has_all_of_it_or_nothing(
    desk: Desk, held_commit: str
) -> None:
    stand, customer = desk.stand, next(NUMBERS)
    with stand.holding(held_commit):
        bring(desk, customer, 3)
        stand.await_stuck()
        stand.kill_postmaster()
    await_quiet(stand)
    check_what_came_in(stand, {customer: 3})


@pytest.mark.timeout(300)
def test_p07_p09_an_edge_killed_after_the_commit_of_an_answer_sends_it_once(
    desk: Desk, held_commit: str
) -> None:
    stand, customer, flow = desk.stand, next(NUMBERS), Flow(desk.stand.url, seconds=150)
    flow.progress = 2.0
    bring(desk, customer, 1)
    await_quiet(stand)
    with (
        stand.holding(held_commit) as lock,
        meanwhile(lambda: answer_in_order(flow, desk.token, customer, 1)) as answering,
    ):
        stand.await_stuck()
        let_go = "SELECT pg_advisory_unlock_all()"
        stop_and_kill(stand, "edge", after=lambda: lock.execute(let_go))
        assert answering.result(150) > 2, "the program had no answer and came again"
    await_quiet(stand)
    check_what_went_out(desk, {customer: 1})


@pytest.mark.timeout(300)
@pytest.mark.parametrize("victim", ["workers", "PostgreSQL"])
def test_p05_p07_a_kill_while_a_mail_lies_with_the_server_asks_and_never_repeats(
    desk: Desk, victim: str
) -> None:
    stand, customer = desk.stand, next(NUMBERS)
    program = {"authorization": f"Bearer {desk.token}"}
    http = httpx.Client(base_url=stand.url, headers=program, timeout=60)
    bring(desk, customer, 1)
    await_quiet(stand)
    found = http.get("/api/v1/messages", params={"external_id": f"{customer}.0@customers.example"})
    place = f"/api/v1/conversations/{found.json()['items'][0]['conversation']}/messages"
    desk.sink.reached.clear()
    desk.sink.go_on.clear()
    desk.sink.hold = "dot"
    try:
        made = http.post(place, json={"text": f"Answer 0 to customer {customer}."}).json()
        assert desk.sink.reached.wait(60)
        if victim == "workers":
            stand.signal_workers(signal.SIGKILL)
        else:
            stand.kill_postmaster()
    finally:
        desk.sink.hold = ""
        desk.sink.go_on.set()
    await_quiet(stand)
    stand.await_ready()
    told = http.get(f"/api/v1/messages/{made['id']}").json()
    http.close()
    assert told["delivery"] == "unknown" or (victim, told["delivery"]) == ("PostgreSQL", "accepted")
    assert sum(f"Answer 0 to customer {customer}." in words for words in desk.sink.words()) == 1
