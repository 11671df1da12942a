"""Dealing: a new connection goes to the edge of this machine that has the fewest.

The system deals connections out by a hash: of eight busy pages six may come to one of two edges, which have
one interpreter lock each, while the other idles. An edge that has more than a sibling hands a fresh
connection over, as an open file; where that fails it keeps it. Connections that begin with an arrival all
go to one edge: its flusher takes whatever came into one commit; two with half of it each, measured, store a
third less.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import mmap
import os
import socket
import struct
import time
from array import array
from asyncio import Transport
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rapport.edge.timing import TimedConnection

log = logging.getLogger("rapport.edge")
#: Seconds after which an edge looks again who its siblings are.
LOOK_SECONDS = 1.0
#: How a request begins that stores an arrival.
ARRIVING = (b"POST /hooks/", b"POST /api/v1/channels/")
#: Bytes that may be handed over with their connection.
MOST_READ = 65_536
#: A sibling that lives but takes this no more (Linux), or has no room for it (macOS).
BUSY = {errno.EAGAIN, errno.EMSGSIZE, errno.ENOBUFS}
_COUNT = struct.Struct("=q")
Take = Callable[[socket.socket, bytes], None]


class Seat:
    """An edge as its siblings know it: a socket that takes connections, and how many it has."""

    def __init__(self, path: Path, *, is_own: bool = False) -> None:
        self.path = path
        with path.with_suffix(".count").open("w+b" if is_own else "r+b") as file:
            if is_own:
                file.write(bytes(_COUNT.size))
                file.flush()
            self._shared = mmap.mmap(file.fileno(), _COUNT.size)

    @property
    def count(self) -> int:
        return int(_COUNT.unpack(self._shared[: _COUNT.size])[0])

    @count.setter
    def count(self, number: int) -> None:
        self._shared[: _COUNT.size] = _COUNT.pack(max(number, 0))

    def vanish(self) -> None:
        """Nobody sits here any more."""
        for path in (self.path, self.path.with_suffix(".count")):
            path.unlink(missing_ok=True)


class Dealer:
    """One edge's part in dealing out the connections to a port; `folder` belongs to this user alone."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self._folder, self._port = folder, port
        self._own: Seat | None = None
        self._socket: socket.socket | None = None
        self._siblings: dict[Path, Seat] = {}
        self._looked_at = float("-inf")
        self._opened: int | None = None

    def sit_down(self, take: Take) -> None:
        """Begin: `take` gets each connection that a sibling hands over, and what was read of it.

        Needs a running loop.
        """
        # A name that was never used: where numbers of processes come again, a sibling may still have the
        # old seat in its memory, and a file that is cut short under it ends its process.
        path = self._folder / f"{self._port}-{os.getpid()}-{time.monotonic_ns()}"
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listening.setblocking(False)
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):  # macOS begins with 2 KB and 4 KB
            if listening.getsockopt(socket.SOL_SOCKET, buffer) < 2 * MOST_READ:
                listening.setsockopt(socket.SOL_SOCKET, buffer, 2 * MOST_READ)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._opened = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            listening.bind(self._address(path))
            self._own = Seat(path, is_own=True)
        except OSError as error:
            listening.close()
            self._close_folder()
            log.warning("connections are dealt out by the system alone: %s", error)
            return
        self._socket = listening
        self._clear_away()
        asyncio.get_running_loop().add_reader(listening.fileno(), self._receive, take)

    def _address(self, path: Path) -> str:
        """The address of a seat, of any depth: a socket's may have 107 bytes, a data folder's path more."""
        near = f"/proc/self/fd/{self._opened}"
        return f"{near}/{path.name}" if os.path.isdir(near) else str(path)

    def _close_folder(self) -> None:
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None

    def _clear_away(self) -> None:
        """Take away the seats of edges that were killed; one that lives takes an empty word for nothing."""
        assert self._socket is not None  # noqa: S101
        for seat in self._others():
            try:
                self._socket.sendto(b"", self._address(seat.path))
            except OSError as error:
                if error.errno not in BUSY:
                    seat.vanish()
                    self._siblings.pop(seat.path, None)

    def get_up(self) -> None:
        """End: siblings hand nothing over any more."""
        if self._own is not None and self._socket is not None:
            self._own.vanish()
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._close_folder()
            self._own = None

    def note(self, count: int) -> None:
        """So many connections are open here."""
        if self._own is not None:
            self._own.count = count

    def pass_on(self, fileno: int) -> bool:
        """Hand a fresh connection to a sibling that has fewer; False: it stays here."""
        if self._own is None or not self._own.count:
            return False
        sibling = min(self._others(), key=lambda seat: seat.count, default=None)
        if sibling is None or sibling.count >= self._own.count:
            return False
        return self._hand_over(sibling, fileno)

    def pass_to_porter(self, fileno: int, said: bytes) -> bool:
        """Hand a connection that begins with an arrival to the edge that takes them all."""
        if self._own is None or len(said) > MOST_READ:
            return False
        porter = min([self._own, *self._others()], key=lambda seat: seat.path.name)
        return porter is not self._own and self._hand_over(porter, fileno, said)

    def _hand_over(self, sibling: Seat, fileno: int, said: bytes = b"") -> bool:
        assert self._socket is not None  # noqa: S101
        sibling.count += 1  # until it has counted by itself
        try:
            # socket.send_fds takes an address and does not use it
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [fileno]))
            self._socket.sendmsg([b"c", said], [rights], 0, self._address(sibling.path))
        except OSError as error:
            if error.errno in BUSY:
                sibling.count -= 1
                return False
            log.info("an edge is gone: %s", error)
            self._siblings.pop(sibling.path, None)
            sibling.vanish()
            return False
        return True

    def _others(self) -> list[Seat]:
        now = time.monotonic()
        if now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            paths = set(self._folder.glob(f"{self._port}-*[0-9]"))
            for path in paths - self._siblings.keys():
                if self._own is not None and path != self._own.path:
                    with suppress(OSError, ValueError):
                        self._siblings[path] = Seat(path)
            for path in self._siblings.keys() - paths:
                del self._siblings[path]
        return list(self._siblings.values())

    def _receive(self, take: Take) -> None:
        assert self._socket is not None  # noqa: S101
        with suppress(BlockingIOError):
            while True:
                said, files, _, _ = socket.recv_fds(self._socket, 1 + MOST_READ, 4)
                for file in files:
                    connection = socket.socket(fileno=file)
                    connection.setblocking(False)
                    take(connection, said[1:])


class DealtConnection(TimedConnection):
    """A connection of uvicorn that may go on to a sibling before anything of it was answered."""

    dealer: Dealer
    #: Whether a sibling has handed it over, and what that had read of it.
    is_given = False
    given = b""
    _is_begun = False
    _is_passed_on = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Keep it or pass it on."""
        line = transport.get_extra_info("socket")
        if not self.is_given and line is not None and self.dealer.pass_on(line.fileno()):
            self._is_passed_on = True
            transport.abort()
            return
        super().connection_made(transport)
        self.dealer.note(len(self.connections))
        if self.given:
            self._is_begun = True
            super().data_received(self.given)

    def data_received(self, data: bytes) -> None:
        """Read it, or pass it on with what it begins with."""
        if not self._is_begun:
            self._is_begun = True
            line = self.transport.get_extra_info("socket")
            may_go = line is not None and data.startswith(ARRIVING)
            if may_go and self.dealer.pass_to_porter(line.fileno(), data):
                self.transport.abort()
                return
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count what is left."""
        if not self._is_passed_on:
            super().connection_lost(exc)
            self.dealer.note(len(self.connections))
