"""Holding: one supervisor per folder, told by a lock that the kernel drops with its holder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from rapport.kernel.pg.faults import FolderHeld


class FolderHold:
    """A lock on a file of the folder; the file names the holder's pid for whoever comes second."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None
        # A forked child would keep the lock alive after our death.
        os.register_at_fork(after_in_child=self._forget)

    def take(self) -> None:
        """Take the lock; raises FolderHeld naming the holder."""
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            pid = read_holder(self.path)
            os.close(file)
            raise FolderHeld(
                f"{self.path.parent} is already served by process {pid or '(not known)'}. "
                "Stop that one first, or give this one another RAPPORT_HOME.",
                pid=pid,
            ) from fault
        except OSError:
            os.close(file)
            raise
        self._file = file
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            pass  # a full disk must not keep the server from healing; the pid is a courtesy

    def drop(self) -> None:
        """Give the folder free; dropping twice is dropping once."""
        self._forget()

    def _forget(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read_holder(path: Path) -> int | None:
    """The pid written in the lock file, or None."""
    try:
        return int(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None


def is_held(path: Path) -> bool:
    """Whether a living supervisor holds this lock file."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
