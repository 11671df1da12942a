"""Supervising: the processes of one machine, kept alive until somebody says stop.

Imports no Django, so that the process that watches stays small. A child leads a session of its own:
a terminal's Ctrl-C reaches the supervisor alone, which ends its children in order; should the supervisor
be killed, the kernel tells them (Linux), or they see it by themselves.
"""

from __future__ import annotations

import logging
import queue
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rapport.cli.failing import WRONG_SETTING
from rapport.cli.launching import Launch, Process, launch_own
from rapport.kernel.pg.launching import describe_exit

log = logging.getLogger("rapport.up")

FIRST_PAUSE, LONGEST_PAUSE, STEADY = 0.5, 30.0, 60.0
#: Seconds in which children may end by themselves; nothing acknowledged is lost by ending them at once.
PATIENCE = 8.0


class Stopped(Exception):
    """Somebody asked the supervisor to end."""


class Child:
    """One process that is started again when it ends."""

    def __init__(
        self, name: str, arguments: list[str], *, launch: Launch, news: queue.SimpleQueue[Any]
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.process: Process | None = None
        self.due: float | None = None
        self._pause = FIRST_PAUSE
        self._began = 0.0
        self._launch, self._news = launch, news

    def start(self) -> None:
        """Start it; must be called by the main thread, to whose life the kernel binds it."""
        self.due, self._began = None, time.monotonic()
        self.process = self._launch(self.name, self.arguments)
        threading.Thread(target=self._wait, args=[self.process], daemon=True).start()

    def put_off(self) -> float:
        """It has ended: say when it is started again; returns the pause in seconds."""
        steady = time.monotonic() - self._began > STEADY
        pause = FIRST_PAUSE if steady else self._pause
        self._pause = min(pause * 2, LONGEST_PAUSE)
        self.due = time.monotonic() + pause
        return pause

    def signal(self, number: int) -> None:
        """Send it a signal, if it lives."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def _wait(self, process: Process) -> None:
        self._news.put((self, process.wait()))


class Family:
    """The children of one supervisor; `launch` is how they are started."""

    def __init__(self, launch: Launch = launch_own) -> None:
        self.launch = launch
        self.children: list[Child] = []
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def keep(self, name: str, *arguments: str) -> Child:
        """Start a child `rapport ARGUMENT…` and keep it alive."""
        child = Child(name, list(arguments), launch=self.launch, news=self._news)
        self.children.append(child)
        child.start()
        return child

    def watch(self, *, until: float | None = None) -> None:
        """Start again whoever ends; returns at `until` (monotonic seconds), else raises Stopped."""
        while until is None or time.monotonic() < until:
            for child in self.children:
                if child.due is not None and child.due <= time.monotonic():
                    child.start()
            try:
                news = self._news.get(timeout=self._nap(until))
            except queue.Empty:
                continue
            if news is None:
                raise Stopped
            self._hear(*news)

    def stop(self) -> None:
        """End all children: in order, after PATIENCE at once; a second Ctrl-C does it at once."""
        living = [child for child in self.children if child.process is not None]
        for child in living:
            child.due = None
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while any(_lives(child) for child in living):
            try:
                hurry = self._news.get(timeout=0.05) is None
            except queue.Empty:
                hurry = False
            if hurry or time.monotonic() > deadline:
                for child in living:
                    child.signal(signal.SIGKILL)
                deadline = float("inf")

    @contextmanager
    def hearing_signals(self) -> Iterator[None]:
        """SIGINT, SIGTERM and SIGHUP ask `watch` to end, for the length of the block."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._ask) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, _number: int, _frame: object) -> None:
        self._news.put(None)

    def _nap(self, until: float | None) -> float | None:
        times = [child.due for child in self.children if child.due is not None]
        times += [] if until is None else [until]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _hear(self, child: Child, code: int) -> None:
        if code == WRONG_SETTING:
            raise Stopped(f"{child.name} does not start")
        pause = child.put_off()
        log.error(
            "%s ended (%s), starting it again in %.1f s", child.name, describe_exit(code), pause
        )


def keep_desk(family: Family, *, edges: int, workers: int) -> None:
    """Start what serves and what works, so many of each."""
    for number in range(edges):
        family.keep(_numbered("edge", number), "edge", "--with-web")
    for number in range(workers):
        family.keep(_numbered("work", number), "work")


def _numbered(name: str, number: int) -> str:
    return f"{name} {number + 1}" if number else name


def _lives(child: Child) -> bool:
    return child.process is not None and child.process.poll() is None
