"""Becoming: the moment between fork and exec, run as a script of its own.

It puts down root's rights, asks the kernel for a signal at its parent's death and becomes the program
named. A script instead of a `preexec_fn`, because the parent has threads. Imports nothing of Rapport.

    python -I -S becoming.py PARENT_PID DEATH_SIGNAL UID GID PROGRAM [ARGUMENT…]      (UID -1: stay)
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PR_SET_PDEATHSIG = 1
NO_PARENT = 75


def become_program(arguments: list[str]) -> None:
    """Never returns: the process is the program afterwards, or ends with a word on stderr."""
    parent, death_signal, uid, gid = (int(each) for each in arguments[:4])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # Imported while we may still read: the interpreter can lie in root's closed home.
    libc = _c_library() if death_signal and sys.platform == "linux" else None
    if uid >= 0:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)  # after setuid, which clears it
        if os.getppid() != parent:
            sys.exit(NO_PARENT)
    os.execv(arguments[4], arguments[4:])  # noqa: S606


def _c_library() -> Any:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    try:
        become_program(sys.argv[1:])
    except OSError as fault:
        sys.exit(f"FATAL:  could not become {' '.join(sys.argv[3:6])}: {fault}")
