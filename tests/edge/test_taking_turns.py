"""Taking turns: pieces of work for threads, in the order in which they came."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from rapport.edge.taking_turns import AT_ONCE, Turns
from tests.looping import run_apart

WAIT = 20


def do(work: Callable[[Turns], object], *, threads: int = 4) -> None:
    async def all_of_it() -> None:
        async with asyncio.timeout(WAIT):
            await work(Turns(threads))  # type: ignore[misc]

    run_apart(all_of_it())


def test_who_came_first_is_served_first_and_by_the_same_thread() -> None:
    order, threads = list[int](), set[str]()

    async def work(turns: Turns) -> None:
        first_may_end = threading.Event()

        def piece(number: int) -> Callable[[], None]:
            def serve() -> None:
                if number == 0:
                    assert first_may_end.wait(WAIT)
                order.append(number)
                threads.add(threading.current_thread().name)

            return serve

        tasks = [asyncio.create_task(turns.take(piece(number))) for number in range(5)]
        await asyncio.sleep(0.05)
        first_may_end.set()
        await asyncio.gather(*tasks)

    do(work)
    assert (order, len(threads)) == ([0, 1, 2, 3, 4], AT_ONCE)


def test_whoever_waits_behind_a_slow_piece_begins_out_of_turn() -> None:
    order = list[str]()

    async def work(turns: Turns) -> None:
        quick_was_done = threading.Event()

        def slow() -> None:
            assert quick_was_done.wait(WAIT)
            order.append("slow")

        def quick() -> None:
            order.append("quick")
            quick_was_done.set()

        await asyncio.gather(*[turns.take(each) for each in [*[slow] * AT_ONCE, quick]])
        await turns.take(quick)  # what was done out of turn gave no turn back

    do(work)
    assert order == ["quick", *["slow"] * AT_ONCE, "quick"]


@pytest.mark.parametrize("fault", [ValueError("fell"), SystemExit(3), StopIteration("over")])
def test_what_a_piece_raises_is_raised_where_it_is_awaited(fault: BaseException) -> None:
    seen = list[str]()

    async def work(turns: Turns) -> None:
        def fall() -> None:
            raise fault

        try:
            await turns.take(fall)
        except BaseException as raised:
            seen.append(str(raised))
        await turns.take(lambda: seen.append("the next one"))

    do(work)
    assert str(fault) in seen[0]
    assert seen[1:] == ["the next one"]


def test_somebody_who_no_longer_waits_takes_no_turn_with_them() -> None:
    served = list[str]()

    async def work(turns: Turns) -> None:
        may_end = threading.Event()
        first = asyncio.create_task(turns.take(lambda: may_end.wait(WAIT) and None))
        await asyncio.sleep(0.02)
        gone = asyncio.create_task(turns.take(lambda: served.append("gone")))
        await asyncio.sleep(0.02)
        gone.cancel()
        may_end.set()
        await first
        await turns.take(lambda: served.append("next"))

    do(work)
    assert served[-1] == "next"


class LingeringLock:
    """A lock behind which the other threads come first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_fault: object) -> None:
        self._lock.release()
        time.sleep(0.002)


def test_a_piece_whose_turn_comes_while_it_queues_is_done_once() -> None:
    done = list[int]()

    async def work(turns: Turns) -> None:
        turns._lock = LingeringLock()  # type: ignore[assignment]
        for start in range(0, 60, 3):
            numbers = range(start, start + 3)
            await asyncio.gather(*[turns.take(partial(done.append, n)) for n in numbers])

    do(work)
    assert done == list(range(60))
