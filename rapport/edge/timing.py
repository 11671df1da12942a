"""Timing: how long an answer took the edge, told in its `Server-Timing` header.

Counted from the moment a request is complete here until its answer is ready to leave: the wait for a turn
and for the interpreter lock is part of it, the way to the reader and back is not.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

KEY = "rapport.complete"
Header = tuple[bytes, bytes]


class TimedConnection(HttpToolsProtocol):
    """A connection of uvicorn that notes when each request was complete."""

    def on_message_complete(self) -> None:
        """The last byte of the request has come, be it in line behind another of its connection."""
        scope: MutableMapping[str, Any] = self.scope  # type: ignore[assignment]
        scope["state"][KEY] = time.perf_counter()
        super().on_message_complete()


class Watch:
    """How long one answer takes."""

    def __init__(self, scope: MutableMapping[str, Any]) -> None:
        self._scope, self._begun = scope, time.perf_counter()

    def header(self) -> Header:
        """What it took so far, in milliseconds; for what nobody noted, since the application was asked."""
        complete = self._scope.get("state", {}).get(KEY, self._begun)
        took = (time.perf_counter() - complete) * 1000
        return b"server-timing", b"app;dur=%.1f" % took
