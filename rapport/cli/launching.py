"""Launching: processes of ours as processes of their own, each with a Python and a session of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Protocol

from rapport.kernel.pg.lowering import BECOMING


class Process(Protocol):
    """What a supervisor needs of a process, however it was started."""

    def poll(self) -> int | None:
        """How it ended: an exit code, or a signal's number below zero; None while it lives."""

    def wait(self) -> int:
        """Wait for its end; returns the same."""

    def send_signal(self, number: int) -> None:
        """Signal it, if it lives."""


class Launch(Protocol):
    """Starts `rapport ARGUMENT…`, with its standard output going to the open file `stdout`."""

    def __call__(self, name: str, arguments: list[str], *, stdout: int | None = None) -> Process:
        """Call it on the main thread, to whose life the kernel binds the process."""


def launch_own(
    name: str, arguments: list[str], *, stdout: int | None = None, pass_fds: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start `rapport ARGUMENT…` in a session of its own, ended when we are killed."""
    del name  # its arguments say it already
    head = [sys.executable, "-I", "-S", str(BECOMING), str(os.getpid()), str(int(signal.SIGTERM))]
    hears_of_death = sys.platform == "linux"  # elsewhere it must look by itself
    program = ["rapport"] if hears_of_death else ["rapport.cli.mourning", str(os.getpid())]
    command = [*head, "-1", "-1", "-1", sys.executable, "-m", *program, *arguments]
    return subprocess.Popen(command, start_new_session=True, stdout=stdout, pass_fds=pass_fds)
