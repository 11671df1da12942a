"""Taking turns: work for threads, first come, first served, and mostly one piece at a time.

Threads that make pages at once only take the interpreter lock from each other and from the loop. So a page
waits for its turn; the thread that has made one begins the next itself, without waking another. Whoever has
waited for long begins all the same: those before it wait for something else than the lock.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

#: Pieces that are under way at once (measured with eight readers and two edges: 66 ms with one, 82 with two,
#: 225 with eight at the 95th percentile).
AT_ONCE = 1
#: Seconds after which a piece begins out of turn.
PATIENCE = 0.25
Work = Callable[[], None]


class Turns:
    """The line before at most `threads` threads."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pages")
        self._free, self._lock = AT_ONCE, threading.Lock()
        self._waiting: deque[Turn] = deque()

    async def take(self, work: Work) -> None:
        """Have it done in a thread when its turn has come; raises what it raises."""
        loop = asyncio.get_running_loop()
        turn = Turn(work, loop)
        with self._lock:
            begins = turn.is_held = self._free > 0
            if begins:
                self._free -= 1
            else:
                self._waiting.append(turn)
        if begins:  # not whether it is held: since the lock was given back its turn may have come
            self._threads.submit(self._work, turn)
        else:
            loop.call_later(PATIENCE, self._begin_out_of_turn, turn)
        await turn.done

    def _work(self, turn: Turn) -> None:
        """In a thread: this piece, and where it had its turn those that wait."""
        going_on: Turn | None = turn
        while going_on:
            going_on.work_off()
            going_on = self._pass_on(going_on)

    def _pass_on(self, turn: Turn) -> Turn | None:
        with self._lock:
            if not turn.is_held:
                return None
            if not self._waiting:
                self._free += 1
                return None
            following = self._waiting.popleft()
            following.is_held = True
            return following

    def _begin_out_of_turn(self, turn: Turn) -> None:
        with self._lock:
            if turn not in self._waiting:
                return
            self._waiting.remove(turn)
        self._threads.submit(self._work, turn)


class Turn:
    """One piece of work, in its turn or, after long, out of it."""

    def __init__(self, work: Work, loop: asyncio.AbstractEventLoop) -> None:
        self._work, self._loop = work, loop
        self._context = contextvars.copy_context()
        self.done: asyncio.Future[None] = loop.create_future()
        self.is_held = False

    def work_off(self) -> None:
        """Do it, in this thread, and tell the loop."""
        fault: BaseException | None = None
        try:
            self._context.run(self._work)
        except StopIteration as raised:  # which no future takes
            fault = RuntimeError(repr(raised))
        except BaseException as raised:
            fault = raised
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._tell, fault)

    def _tell(self, fault: BaseException | None) -> None:
        if self.done.done():
            return
        if fault is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(fault)
