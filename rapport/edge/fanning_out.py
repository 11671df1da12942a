"""Fanning out: from one reader of the journal to all pages that listen.

A subscriber keeps the names of what has moved, not the news themselves: a slow page finds them collapsed into
one, and no page can make us keep more than the names of its own streams.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable

from rapport.edge import measuring
from rapport.kernel.journal.positions import START, Position

#: Moves remembered for pages that come back; who was away for longer is told that all may have moved.
REMEMBERED = 10_000
#: Stands in a ticket for every list.
EVERY_LIST, LIST = "inbox:*", "inbox:"


class Subscriber:
    """One page: what it may hear, and what it has not been told yet."""

    __slots__ = ("_woken", "agent", "is_over", "looks", "moved", "streams", "whispers")

    def __init__(self, streams: frozenset[str], *, agent: int) -> None:
        self.streams, self.agent = streams, agent
        self.moved: set[str] = set()
        self.whispers: set[str] = set()
        #: Conversations on its lists at which others look, or look no longer.
        self.looks: set[str] = set()
        self.is_over = False
        self._woken: asyncio.Future[None] | None = None

    @property
    def has_news(self) -> bool:
        return bool(self.moved or self.whispers or self.looks or self.is_over)

    def wake(self) -> None:
        """There is something to tell."""
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def end(self) -> None:
        """The page is gone, or the process must end."""
        self.is_over = True
        self.wake()

    async def wait(self, seconds: float) -> None:
        """Sleep until there is news or the time is over."""
        if self.has_news or seconds <= 0:
            return
        loop = asyncio.get_running_loop()
        self._woken = loop.create_future()
        timer = loop.call_later(seconds, self.wake)
        try:
            await self._woken
        finally:
            timer.cancel()
            self._woken = None


class Hub:
    """All subscribers of this process, by stream."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.is_closed = False
        self._by_stream: dict[str, set[Subscriber]] = {}
        self._recent: deque[tuple[Position, Collection[str]]] = deque()
        self._moves = 0
        self._remembered_from = START

    def begin_at(self, position: Position) -> None:
        """What lies behind this position is not remembered."""
        self.position = self._remembered_from = position

    def publish(self, position: Position, streams: Collection[str]) -> None:
        """Entries up to a position were read: tell whoever listens to their streams."""
        self.position = position
        self._recent.append((position, streams))
        self._moves += len(streams)
        while self._moves > REMEMBERED:
            self._remembered_from, forgotten = self._recent.popleft()
            self._moves -= len(forgotten)
        for stream in streams:
            for subscriber in self._listeners(stream):
                subscriber.moved.add(stream)
                subscriber.wake()

    def whisper(self, stream: str) -> None:
        """Who types or looks at a conversation has changed."""
        for subscriber in self._by_stream.get(stream, ()):
            subscriber.whispers.add(stream)
            subscriber.wake()

    def look(self, stream: str, lists: Iterable[str]) -> None:
        """Who looks at a conversation has changed for those who see one of these lists."""
        for name in lists:
            for subscriber in self._listeners(name):
                subscriber.looks.add(stream)
                subscriber.wake()

    def subscribe(self, streams: frozenset[str], *, agent: int) -> Subscriber:
        """Begin to collect news for a page."""
        subscriber = Subscriber(streams, agent=agent)
        for stream in streams:
            self._by_stream.setdefault(stream, set()).add(subscriber)
        measuring.STREAMS.inc()
        if self.is_closed:
            subscriber.end()
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Forget a page."""
        for stream in subscriber.streams:
            listeners = self._by_stream.get(stream, set())
            listeners.discard(subscriber)
            if not listeners:
                self._by_stream.pop(stream, None)
        measuring.STREAMS.dec()

    def moved_since(self, position: Position | None, streams: frozenset[str]) -> set[str]:
        """Which of the streams have moved behind a position, as far as is remembered; else all of them."""
        if position is None or position < self._remembered_from:
            return set(streams)
        moved: set[str] = set()
        for at, touched in reversed(self._recent):
            if at <= position:
                break
            moved.update(stream for stream in touched if hears(streams, stream))
        return moved

    def close(self) -> None:
        """End every stream: the pages come back, to another process or to the next one."""
        self.is_closed = True
        for subscriber in {s for listeners in self._by_stream.values() for s in listeners}:
            subscriber.end()

    def _listeners(self, stream: str) -> Iterable[Subscriber]:
        yield from self._by_stream.get(stream, ())
        if stream.startswith(LIST):
            yield from self._by_stream.get(EVERY_LIST, ())


def hears(streams: frozenset[str], stream: str) -> bool:
    """Whether one of these streams is, or stands for, that one."""
    return stream in streams or (stream.startswith(LIST) and EVERY_LIST in streams)
