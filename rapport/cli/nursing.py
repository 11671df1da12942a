"""Nursing: the process that holds the program ready and forks from it what the supervisor asks for.

It imports, then waits. A request is one message on a socket, JSON beside at most one open file; so is the word
that a child has ended. Its end is every child's: the kernel tells them (Linux).
"""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import select
import signal
import socket
import sys
from typing import Any, NoReturn

from rapport.cli.titling import set_title
from rapport.kernel import logs
from rapport.kernel.config import config
from rapport.kernel.pg.becoming import NO_PARENT, PR_SET_PDEATHSIG

#: More than one request with its environment takes.
MESSAGE_BYTES = 150_000


class Nursery:
    """Forks children for whoever holds the other end of `door`, until that end is closed."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door
        self._numbers: dict[int, int] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._woken, self._waking = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def nurse(self) -> None:
        """Fork, signal and reap as asked."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waking, warn_on_full_buffer=False)
        self._reap()
        ears: list[Any] = [self._door, self._woken]
        while True:
            ready = select.select(ears, [], [])[0]
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._reap()
            if self._door in ready and not self._obey():
                break
        for pid in self._numbers:
            os.kill(pid, signal.SIGTERM)

    def _obey(self) -> bool:
        """Do what the next message asks for; False when nobody is left to ask."""
        message, files, _, _ = socket.recv_fds(self._door, MESSAGE_BYTES, 1)
        if not message:
            return False
        asked = json.loads(message)
        if "signal" in asked:
            living = [pid for pid, number in self._numbers.items() if number == asked["child"]]
            for pid in living:
                os.kill(pid, asked["signal"])
            return True
        nursery = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._be_born(nursery, asked, files)
        self._numbers[pid] = asked["child"]
        for file in files:
            os.close(file)
        return True

    def _reap(self) -> None:
        """Tell who has ended, and how."""
        while self._numbers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            ended = {
                "child": self._numbers.pop(pid),
                "code": os.waitstatus_to_exitcode(status),
            }
            self._door.send(json.dumps(ended).encode())

    def _be_born(self, nursery: int, asked: dict[str, Any], files: list[int]) -> NoReturn:
        """Become the process asked for; never returns."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != nursery:
                os._exit(NO_PARENT)
            os.setsid()
            for own in (self._door.detach(), self._woken, self._waking):
                os.close(own)
            for file in files:
                os.dup2(file, 1)
                os.close(file)
            code = _live(asked)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
        except BaseException:
            logging.getLogger("rapport.up").exception("%s fell", asked["name"])
        finally:
            _leave(code)


def run_nursery(file: int) -> int:
    """Import the program, then fork from it, until the socket `file` is closed at its other end."""
    from rapport.cli.preloading import preload_program

    with socket.socket(fileno=file) as door:
        door.set_inheritable(False)
        preload_program()
        set_title("rapport nursery", name="nursery")
        Nursery(door).nurse()
    return 0


def _live(asked: dict[str, Any]) -> int:
    """Run the command, under its own name and with what the environment has become."""
    from rapport.cli.commands import run

    os.environ.update(asked["environment"])
    config.cache_clear()
    logs.name_process(asked["name"])
    set_title(" ".join(["rapport", *asked["arguments"]]), name=asked["name"])
    gc.enable()
    run(asked["arguments"])
    return 0


def _leave(code: int) -> NoReturn:
    """End without taking the shared program apart, which would copy it first."""
    try:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
