"""A line that is cut: a proxy in front of a server that drops the session at chosen bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Line:
    """`cut_on` are bytes from the server that end the session, at most `times` times."""

    port: int = 0
    cut_on: bytes = b""
    times: int = 1_000_000
    cuts: int = 0
    sessions: list[socket.socket] = field(default_factory=list)


@contextmanager
def cutting_line(server_port: int, **behaviour: object) -> Iterator[Line]:
    """Listen on a port of its own for the length of the block."""
    line = Line(**behaviour)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line.port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(listener, server_port, line), daemon=True)
        thread.start()
        try:
            yield line
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for session in line.sessions:
                session.close()
            thread.join(5)


def _accept(listener: socket.socket, server_port: int, line: Line) -> None:
    while True:
        try:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", server_port))
        except OSError:
            return
        line.sessions += [client, server]
        threading.Thread(target=_pump, args=(client, server, None), daemon=True).start()
        threading.Thread(target=_pump, args=(server, client, line), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket, line: Line | None) -> None:
    tail = b""
    try:
        while data := source.recv(4096):
            tail = (tail + data)[-8192:]
            if line and line.cut_on and line.cut_on in tail and line.cuts < line.times:
                line.cuts += 1
                break
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
