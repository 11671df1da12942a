"""Guarding: where the kernel cannot tell a child of its parent's death (macOS), a tiny shell does.

It reads from a pipe whose other end only we hold. When we die, however, the read ends, and the shell ends
the server in order, after a look that the folder's pid file still names it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SCRIPT = """\
read -r word
[ "$word" = dismissed ] && exit 0
read -r pid < "$2/postmaster.pid" && [ "$pid" = "$1" ] && kill -INT "$1"
"""


class Guard:
    """The watching shell; `dismiss()` it once the server has ended."""

    def __init__(self, process: subprocess.Popen[bytes], writing: int) -> None:
        self.process = process
        self._writing = writing

    def dismiss(self) -> None:
        """End the watch without a signal to anybody."""
        try:
            os.write(self._writing, b"dismissed\n")
        except BrokenPipeError:
            pass  # the shell is gone already
        os.close(self._writing)
        self.process.wait()


def guard_death(pid: int, data: Path) -> Guard:
    """Watch over our own life on behalf of the server `pid` of the folder `data`."""
    reading, writing = os.pipe()  # neither end is inherited by any other child
    process = subprocess.Popen(  # noqa: S603
        ["/bin/sh", "-c", SCRIPT, "rapport-guard", str(pid), str(data)],
        stdin=reading,
        start_new_session=True,
    )
    os.close(reading)
    return Guard(process, writing)
