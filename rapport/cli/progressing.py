"""Progressing: one line that says how far long work has come; plain lines where no terminal looks on."""

from __future__ import annotations

import sys
import time

#: Seconds between two looks: on a terminal, and in a log.
QUICK, SLOW = 0.2, 5.0


class ProgressLine:
    """Call it with what is being done, how much of it is done, and of how much (0: nobody knows)."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._next = 0.0
        self._what = ""
        self._width = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        is_news = what != self._what
        if not is_news and time.monotonic() < self._next and done != total:
            return
        self._what = what
        self._next = time.monotonic() + (QUICK if self._is_terminal else SLOW)
        words = f"{what} {done} of {total}" if total else f"{what} {done or ''}".rstrip()
        if self._is_terminal:
            print(f"\r{words:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(words)
        else:
            print(words, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._is_terminal and self._width:
            print(file=sys.stderr, flush=True)
