"""Reading bodies: into memory within bounds, one request's and all requests' together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from rapport.channels.contract import Refused

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: Seconds for a whole body to come.
BODY_SECONDS = 60
LOOK_SECONDS = 5


class Disconnected(Exception):
    """The client went away in the middle of its body."""


class Budget:
    """The bytes of all requests that may be in memory at once: beyond it come refusals, not swapping.

    It also keeps the time of those that are being read: one look at all of them every few seconds, because a
    timer for each would cost a tenth of a small request.
    """

    def __init__(self, most: int) -> None:
        self.most, self.held = most, 0
        self._due: dict[BodyReader, float] = {}
        self._look: asyncio.TimerHandle | None = None

    def begin(self, reader: BodyReader) -> None:
        """A body is being read."""
        loop = asyncio.get_running_loop()
        self._due[reader] = loop.time() + BODY_SECONDS
        if self._look is None:
            self._look = loop.call_later(LOOK_SECONDS, self._end_late_ones)

    def end(self, reader: BodyReader) -> None:
        """It has been read, or will not be."""
        del self._due[reader]

    def _end_late_ones(self) -> None:
        loop = asyncio.get_running_loop()
        now, self._look = loop.time(), None
        for reader, due in self._due.items():
            if due < now:
                reader.give_up()
        if self._due:
            self._look = loop.call_later(LOOK_SECONDS, self._end_late_ones)

    def hold(self, size: int) -> None:
        """Set bytes aside; raises Refused 503."""
        if self.held + size > self.most:
            raise Refused(503, "Too much is being delivered just now; come again.")
        self.held += size

    def free(self, size: int) -> None:
        """Give bytes back."""
        self.held -= size


class BodyReader:
    """Reads one body; `held` bytes of the budget are its own until `free`."""

    def __init__(self, budget: Budget, *, limit: int) -> None:
        self._budget, self._limit, self.held = budget, limit, 0
        self._task: asyncio.Task[Any] | None = None
        self._is_late = False

    async def read(self, receive: Receive, *, announced: int | None) -> bytes:
        """The whole body; raises Refused (413, 408, 503) or Disconnected."""
        if announced is not None:
            self._check(announced)
            self._hold(announced)
        self._task = asyncio.current_task()
        self._budget.begin(self)
        try:
            message = await receive()
            if not message.get("more_body") and message["type"] == "http.request":
                return self._take(message)
            return await self._read_on(receive, message)
        except asyncio.CancelledError:
            if not self._is_late or self._task is None:
                raise
            self._task.uncancel()
            raise Refused(408, "The body did not come in time.") from None
        finally:
            self._budget.end(self)

    def give_up(self) -> None:
        """The body took too long."""
        if self._task is not None and not self._is_late:
            self._is_late = True
            self._task.cancel()

    def free(self) -> None:
        """Give back what was held."""
        if self.held:
            self._budget.free(self.held)
            self.held = 0

    def _take(self, message: Message) -> bytes:
        body: bytes = message.get("body", b"")
        self._check(len(body))
        self._hold(len(body) - self.held)
        return body

    async def _read_on(self, receive: Receive, message: Message) -> bytes:
        parts, size = [], 0
        while True:
            if message["type"] != "http.request":
                raise Disconnected
            part = message.get("body", b"")
            size += len(part)
            self._check(size)
            self._hold(size - self.held)
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)
            message = await receive()

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise Refused(413, f"The body is larger than {self._limit} bytes.")

    def _hold(self, more: int) -> None:
        if more > 0:
            self._budget.hold(more)
            self.held += more
