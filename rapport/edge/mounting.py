"""Mounting: Django's WSGI application as ASGI, on threads of its own.

a2wsgi says how a request looks to WSGI; what it does with the answer costs each page three turns between its
thread and the loop, which under load wait for one another. A page goes back in one turn here; what is large or
streams goes piece by piece, as fast as the other end takes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from typing import IO, Any, cast

from a2wsgi.wsgi import build_environ

from rapport.channels.contract import Refused
from rapport.edge import measuring
from rapport.edge.answering import answer_problem
from rapport.edge.hearing_out import Place, has_body, hear_out, may_be_anybody
from rapport.edge.reading_bodies import Budget, Disconnected, Receive, Scope, Send
from rapport.edge.taking_turns import Turns
from rapport.edge.timing import Watch
from rapport.kernel.tracing import request_id_from

#: Bytes that somebody may send who has not signed in: forms without files.
SIGNED_OUT = 1_000_000
#: An answer up to this size goes back whole.
WHOLE = 1_000_000
#: Seconds after which somebody who takes nothing of a large answer is given up.
STALLED_SECONDS = 60
Message = dict[str, Any]


class Mounted:
    """The ASGI application that answers by a WSGI one; at most `threads` requests are under way.

    A body has at most `most_bytes`; all that are put down at once have twice as much together.
    """

    def __init__(
        self, pages: Callable[..., Iterable[bytes]], *, threads: int, most_bytes: int = 240_000_000
    ) -> None:
        self._pages, self._most_bytes = pages, most_bytes
        self._room = Budget(2 * most_bytes)
        measuring.BYTES_PUT_DOWN.set_function(lambda: self._room.held)
        self._turns = Turns(threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watch = Watch(scope)
        with Place(self._room) as place:
            try:
                scope = _as_wsgi_means_it(scope)
                heard = await self._hear(scope, receive, place)
            except Disconnected:
                return
            except Refused as refusal:
                await _refuse(refusal, scope, send)
                return
            answer = await self._make(scope, send, heard, watch)
        await answer.send_all()

    async def _hear(self, scope: Scope, receive: Receive, place: Place) -> IO[bytes]:
        if not has_body(scope):
            return BytesIO()
        most = min(SIGNED_OUT, self._most_bytes) if may_be_anybody(scope) else self._most_bytes
        return await hear_out(receive, most=most, place=place)

    async def _make(self, scope: Scope, send: Send, heard: IO[bytes], watch: Watch) -> _Answer:
        with heard:
            body: Any = heard  # a2wsgi spells out what it puts there itself
            environ: Any = build_environ(cast(Any, scope), body)
            answer = _Answer(send, watch)
            try:
                await self._turns.take(partial(answer.take_from, self._pages, environ))
            except asyncio.CancelledError:
                answer.is_wanted = False
                raise
        return answer


class _Answer:
    """What the application says. The thread of pages collects up to `WHOLE`; most answers end there.

    The rest of a large one is read piece by piece, as the other end takes it, and by no thread of pages: who
    takes a file slowly, or eight of them, must not keep everybody else from theirs.
    """

    def __init__(self, send: Send, watch: Watch) -> None:
        self._send, self._watch = send, watch
        self._head: Message | None = None
        self._said: Iterable[bytes] = ()
        self._pieces: Iterator[bytes] = iter(())
        self._parts: list[bytes] = []
        self._size = 0
        self._is_closed = False
        #: False once nobody will send it.
        self.is_wanted = True

    def take_from(self, pages: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> None:
        """Let the application answer, and read the beginning of it."""
        self._said = pages(environ, self._begin)
        self._pieces = iter(self._said)
        self._read_on()
        if not self.is_wanted:
            self._close()

    async def send_all(self) -> None:
        """Send what there is, and read on while there is more; raises TimeoutError for who takes nothing."""
        reading = None
        try:
            while not self._is_closed:
                await self._send_parts(more=True)
                reading = asyncio.ensure_future(asyncio.to_thread(self._read_on))
                await asyncio.shield(reading)
            await self._send_parts(more=False)
        finally:
            if not self._is_closed:
                if reading:
                    await asyncio.wait([reading])  # nobody closes what is being read
                await asyncio.to_thread(self._close)

    def _read_on(self) -> None:
        """Read the next piece, of at least `WHOLE` bytes where there are so many; close at the end."""
        try:
            for part in self._pieces:
                self._take(part)
                if self._size >= WHOLE:
                    return
        except BaseException:
            self._close()
            raise
        self._close()

    def _close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        close = getattr(self._said, "close", None)
        if close:
            close()

    def _begin(
        self, status: str, headers: list[tuple[str, str]], fault: Any = None
    ) -> Callable[[bytes], None]:
        self._head = {
            "type": "http.response.start",
            "status": int(status.split(" ", 1)[0]),
            "headers": [
                (name.lower().encode("latin-1"), value.strip().encode("latin-1"))
                for name, value in headers
            ],
        }
        return self._take

    def _timed_head(self) -> list[Message]:
        """The head, unless it is gone, with the time that it took to come so far."""
        if self._head:
            self._head["headers"].append(self._watch.header())
        return [self._head] if self._head else []

    def _take(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)

    async def _send_parts(self, *, more: bool) -> None:
        body: Message = {"type": "http.response.body", "body": b"".join(self._parts)}
        messages = [*self._timed_head(), {**body, "more_body": True} if more else body]
        self._head, self._parts, self._size = None, [], 0
        for message in messages:
            async with asyncio.timeout(STALLED_SECONDS):
                await self._send(message)


async def _refuse(refusal: Refused, scope: Scope, send: Send) -> None:
    """Say no; what has not come of the body need not come any more."""
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    await answer_problem(
        send,
        refusal.status,
        refusal.reason,
        request_id=request_id_from(given),
        door="pages",
        headers=[(b"connection", b"close")] if refusal.status == 503 else [],
    )


def _as_wsgi_means_it(scope: Scope) -> Scope:
    """The request without headers that WSGI takes for others; raises Refused.

    It spells X-Forwarded-For and X_Forwarded_For alike; a proxy replaces only the first.
    """
    if not scope["query_string"].isascii():
        raise Refused(400, "The address is not ASCII.")
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    return {**scope, "headers": headers}
