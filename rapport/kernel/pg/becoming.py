"""Becoming: the moment between fork and exec, run as a script of its own.

It puts down root's rights, asks the kernel for a signal at its parent's death and becomes the program
named. A script instead of a `preexec_fn`, because the parent has threads. Imports nothing of Rapport.

    python -I -S becoming.py PARENT_PID DEATH_SIGNAL UID GID GUISE PROGRAM [ARGUMENT…]

UID -1: stay. GUISE uid:gid: seem to be that user in a user namespace of our own; -1: no guise.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NO_PARENT = 75


def become_program(arguments: list[str]) -> None:
    """Never returns: the process is the program afterwards, or ends with a word on stderr."""
    parent, death_signal, uid, gid = (int(each) for each in arguments[:4])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # Imported while we may still read: the interpreter can lie in root's closed home.
    guise = None if arguments[4] == "-1" else [int(each) for each in arguments[4].split(":")]
    is_linux = sys.platform == "linux"
    libc = _c_library() if (death_signal or guise) and is_linux else None
    if uid >= 0:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if libc is not None and guise is not None:
        _put_on(guise, libc)
    if libc is not None and death_signal:
        libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)  # after setuid, which clears it
        if os.getppid() != parent:
            sys.exit(NO_PARENT)
    os.execv(arguments[5], arguments[5:])  # noqa: S606


def _put_on(guise: list[int], libc: Any) -> None:
    """From here on our one user and group are called otherwise, to us and to whom we start."""
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER):
        raise OSError("this system allows no user namespaces")
    for name, words in (
        ("setgroups", "deny"),
        ("uid_map", f"{guise[0]} {uid} 1"),
        ("gid_map", f"{guise[1]} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(words)


def _c_library() -> Any:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    try:
        become_program(sys.argv[1:])
    except OSError as fault:
        sys.exit(f"FATAL:  could not become {' '.join(sys.argv[3:7])}: {fault}")
