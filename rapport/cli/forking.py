"""Forking: the supervisor's side of the nursery, whose children look like any other process of ours.

The nursery is started with the first child that is asked for, and again with the next one when it has ended.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from itertools import count

from rapport.cli.launching import launch_own

#: On macOS system libraries do not survive a fork without an exec.
MAY_FORK = sys.platform == "linux"


class Forked:
    """A child of the nursery: known by a number, because its process id may be anybody's once it ended."""

    def __init__(self, forking: Forking, number: int) -> None:
        self.returncode: int | None = None
        self.number = number
        self._forking = forking
        self._ended = threading.Event()

    def poll(self) -> int | None:
        """How it ended, as subprocess tells it; None while it lives."""
        return self.returncode

    def wait(self) -> int:
        """Wait for its end; returns how it ended."""
        self._ended.wait()
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Have the nursery signal it, if it lives."""
        self._forking.send({"child": self.number, "signal": number})

    def end(self, code: int) -> None:
        """It has ended."""
        self.returncode = code
        self._ended.set()


class Forking:
    """Launches processes of ours by a nursery."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._living: dict[int, Forked] = {}
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self._nursery: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}

    def begin(self) -> None:
        """Start the nursery, unless it runs; by the main thread, to whose life the kernel binds it."""
        if self._nursery is not None and self._nursery.poll() is None:
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._environment = dict(os.environ)
            words = ["up", "--nursery", str(theirs.fileno())]
            self._nursery = launch_own("nursery", words, pass_fds=[theirs.fileno()])
        self._door = ours
        living: dict[int, Forked] = {}
        self._living = living
        threading.Thread(
            target=self._listen, args=[ours, self._nursery, living], daemon=True
        ).start()

    def launch(self, name: str, arguments: list[str], *, stdout: int | None = None) -> Forked:
        """Fork a process that runs `rapport ARGUMENT…` and is called `name` in the log."""
        self.begin()
        child = Forked(self, next(self._numbers))
        with self._lock:
            self._living[child.number] = child
        changed = {
            key: value for key, value in os.environ.items() if self._environment.get(key) != value
        }
        asked = {
            "child": child.number,
            "name": name,
            "arguments": arguments,
            "environment": changed,
        }
        if not self.send(asked, [] if stdout is None else [stdout]):
            child.end(-signal.SIGTERM)
        return child

    def send(self, message: dict[str, object], files: Sequence[int] = ()) -> bool:
        """Say something to the nursery; False when it has ended, and everybody with it."""
        if self._door is None:
            return False
        try:
            socket.send_fds(self._door, [json.dumps(message).encode()], files)
        except OSError:
            return False
        return True

    def end(self) -> None:
        """Let the nursery go, and with it whoever is left."""
        if self._door is not None and self._nursery is not None:
            self._door.shutdown(socket.SHUT_RDWR)
            try:
                self._nursery.wait(5)
            except subprocess.TimeoutExpired:
                self._nursery.kill()
                self._nursery.wait()

    def _listen(
        self,
        door: socket.socket,
        nursery: subprocess.Popen[bytes],
        living: dict[int, Forked],
    ) -> None:
        """Hear of the ends of children, until that of the nursery, which is theirs."""
        while message := _receive(door):
            ended = json.loads(message)
            with self._lock:
                child = living.pop(ended["child"])
            child.end(ended["code"])
        code = nursery.wait()
        with self._lock:
            left = list(living.values())
            living.clear()
        for child in left:
            child.end(code or -signal.SIGTERM)


def _receive(door: socket.socket) -> bytes:
    try:
        return door.recv(4096)
    except OSError:
        return b""
