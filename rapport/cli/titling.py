"""Titling: what `ps` and `top` call a process that was forked and never had a command line of its own."""

from __future__ import annotations

import ctypes
from pathlib import Path

PR_SET_NAME = 15
#: Fields of /proc/self/stat, counted from the one after the name: where the arguments begin and end.
ARGUMENTS_BEGIN, ARGUMENTS_END = 45, 46


def set_title(title: str, *, name: str) -> None:
    """Write the title over this process's arguments, cut to their room, and name it; Linux only.

    `name` is what `top` shows, 15 bytes of it; the title what `ps` shows as its command.
    """
    try:
        told = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    fields = told.rpartition(")")[2].split()
    # An emulated machine tells less (qemu: 42 fields): a title is not worth a start that fails.
    found = [int(each) for each in fields[ARGUMENTS_BEGIN : ARGUMENTS_END + 1]]
    begin, end = found if len(found) == 2 else (0, 0)
    if end - begin > 1:  # both are 0 where the kernel does not tell
        room = end - begin - 1
        ctypes.memmove(begin, title.encode()[:room].ljust(room, b"\0"), room)
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode()[:15], 0, 0, 0)
