"""Everything is killed again and again while mails come in and answers go out: 0 lost, 0 doubled, in order."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.proof.conftest import Desk
from tests.proof.flows import Flow, answer_in_order, write_in_order
from tests.proof.ledger import await_quiet, check_what_came_in, check_what_went_out
from tests.proof.stand import Stand

MAILS = dict(enumerate([13] * 20 + [12] * 20))
ANSWERS = dict.fromkeys(range(10), 6)
STRIKES = 12


@pytest.mark.timeout(400)
def test_p05_p07_p08_a_storm_of_kills_loses_nothing_and_doubles_nothing(desk: Desk) -> None:
    stand, flow = desk.stand, Flow(desk.stand.url, seconds=200)
    for customer, count in MAILS.items():
        flow.begin(write_in_order, desk.hook, customer, count)
    for customer, count in ANSWERS.items():
        flow.begin(answer_in_order, desk.token, customer, count)
    _strike_again_and_again(stand, flow)
    assert sum(flow.end()) > sum(MAILS.values()) + sum(ANSWERS.values())
    await_quiet(stand)
    check_what_came_in(stand, MAILS)
    check_what_went_out(desk, ANSWERS)


def _strike_again_and_again(stand: Stand, flow: Flow) -> None:
    """Kill at random moments; with every strike the flow may go on by a share."""
    chance = random.Random(7)
    strikes = _strikes(stand)
    for number in range(STRIKES):
        flow.progress = (number + 1) / STRIKES
        enough = flow.done + 5
        stand.await_true(lambda least=enough: flow.done > least, "it flows", seconds=100)  # type: ignore[misc]
        time.sleep(chance.uniform(0.0, 0.8))
        strikes[number % len(strikes)]()
    flow.progress = 2.0


def _strikes(stand: Stand) -> list[Callable[[], None]]:
    edge, (one, other) = stand.parts["edge"], stand.workers
    return [
        lambda: edge.send(signal.SIGKILL),
        lambda: one.send(signal.SIGKILL),
        stand.kill_postmaster,
        lambda: other.send(signal.SIGKILL),
        stand.kill_backend,
        lambda: stand.signal_workers(signal.SIGKILL),
    ]
