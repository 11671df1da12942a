"""Severing: a proxy between a browser and the desk, that can be cut, go mute, or keep streams to itself."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Line:
    """The line to one server. `cut` refuses, `mute` swallows, `hoard` holds streams back until they end."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._ends: set[socket.socket] = set()
        self._dead: frozenset[socket.socket] = frozenset()
        self._state = "whole"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Nobody gets through; what was open breaks off."""
        self._state = "cut"
        self._break_off()

    def mute(self) -> None:
        """As when a cable is pulled: nothing breaks, and nothing goes through."""
        self._state = "mute"

    def hoard(self) -> None:
        """As a proxy that does not stream: an answer is passed on when it has ended."""
        self._state = "hoard"

    def mend(self) -> None:
        """All is well for new connections; what was swallowed stays so."""
        self._break_off()
        self._state = "whole"

    def revive(self) -> None:
        """New connections are well; those that stand stay mute, and nobody is told."""
        self._dead, self._state = frozenset(self._ends), "whole"

    def close(self) -> None:
        self._state = "cut"
        self._listener.close()
        self._break_off()

    def _break_off(self) -> None:
        for end in list(self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            if self._state == "cut":
                return
            with socket.create_connection(self._target) as far:
                self._ends |= {near, far}
                streams = threading.Event()
                back = threading.Thread(target=self._carry_back, args=(far, near, streams))
                back.start()
                self._carry(near, far, streams)
                back.join()
                self._ends -= {near, far}

    def _carry(self, near: socket.socket, far: socket.socket, streams: threading.Event) -> None:
        with suppress(OSError):
            while said := near.recv(65536):
                if b"GET /live?" in said:
                    streams.set()
                if self._state != "mute" and near not in self._dead:
                    far.sendall(said)
            far.shutdown(socket.SHUT_WR)

    def _carry_back(
        self, far: socket.socket, near: socket.socket, streams: threading.Event
    ) -> None:
        held = b""
        with suppress(OSError):
            while said := far.recv(65536):
                if self._state == "hoard" and streams.is_set():
                    held += said
                elif self._state != "mute" and near not in self._dead:
                    near.sendall(said)
            near.sendall(held)
            near.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(target: str) -> Iterator[Line]:
    """A whole line, closed with the block."""
    line = Line(target)
    try:
        yield line
    finally:
        line.close()
