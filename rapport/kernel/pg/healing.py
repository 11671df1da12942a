"""Healing: what a killed supervisor left behind is ended or unblocked before a new start.

Called only by the holder of the folder, so a server found here belongs to nobody who lives.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rapport.kernel.pg.faults import FolderUnusable

logger = logging.getLogger("rapport.kernel")

PATIENCE = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))


@dataclass(frozen=True)
class PidFile:
    """What a running server tells in `postmaster.pid`; `sockets` is None before it listens."""

    pid: int
    sockets: Path | None
    ready: bool


def read_pid_file(data: Path) -> PidFile | None:
    """The server's pid file, or None when there is none that can be read."""
    try:
        lines = (data / "postmaster.pid").read_bytes().split(b"\n")
        pid = int(lines[0])
    except (OSError, ValueError):
        return None
    sockets = os.fsdecode(lines[4]) if len(lines) > 4 else ""
    ready = len(lines) > 7 and lines[7].strip() == b"ready"
    return PidFile(pid, Path(sockets) if sockets else None, ready)


def heal_folder(data: Path) -> None:
    """End an orphaned server of this folder, and unblock a pid file that names somebody else.

    Raises FolderUnusable when the orphan does not end.
    """
    found = read_pid_file(data)
    if found is not None and is_server(found.pid, data):
        end_server(found.pid, data)
        found = read_pid_file(data)
    if found is None:
        _drop_unreadable(data / "postmaster.pid")
    elif _exists(found.pid):
        _disown(data / "postmaster.pid")


def end_server(pid: int, data: Path) -> None:
    """End a server that is nobody's child of ours: fast, then at once, then for good."""
    logger.warning("ending an orphaned PostgreSQL", extra={"server_pid": pid})
    for number, patience in PATIENCE:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError:
            break
        if any(not is_server(pid, data) for _ in _moments(patience)):
            return
    raise FolderUnusable(f"an old PostgreSQL, process {pid}, holds {data} and cannot be ended")


def is_server(pid: int, data: Path) -> bool:
    """Whether this process is a living PostgreSQL of this folder; a zombie is not."""
    if os.path.exists("/proc/self/stat"):
        return _stands_in(pid, data)
    return _is_called_so(pid, data)


def _is_called_so(pid: int, data: Path) -> bool:
    """Where the system has no /proc (macOS): whether `ps` tells of a server started for this folder."""
    told = ["ps", "-ww", "-p", str(pid), "-o", "stat=", "-o", "command="]
    done = subprocess.run(told, capture_output=True, check=False)  # noqa: S603
    said = done.stdout.decode(errors="replace").strip()
    if "postgres" not in said or said.startswith("Z"):
        return False
    # Letters beyond ASCII may be told in another spelling: then any PostgreSQL counts as ours.
    return f"-D {data} " in f"{said} " or not str(data).isascii()


def _stands_in(pid: int, data: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        name, _, rest = words.partition("(")[2].rpartition(")")
        if not name.startswith("postgres") or rest.split()[0] in ("Z", "X"):
            return False
        return os.path.samefile(f"/proc/{pid}/cwd", data)
    except PermissionError:
        return True  # a PostgreSQL of somebody else: better to complain than to share its folder
    except (OSError, IndexError):
        return False


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return pid > 0


def _disown(path: Path) -> None:
    """Put our own pid into the file: a server knows its parent's pid there as stale.

    The file is not deleted: its other lines let the server see whether old backends still write.
    """
    _first, _, rest = path.read_bytes().partition(b"\n")
    content = b"%d\n%s" % (os.getpid(), rest)
    file = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.pwrite(file, content, 0)
        os.ftruncate(file, len(content))
    finally:
        os.close(file)
    logger.warning("the pid file named a process that is no PostgreSQL of ours: unblocked")


def _drop_unreadable(path: Path) -> None:
    try:
        path.unlink()  # emptied by a full disk or a power cut
    except FileNotFoundError:
        pass


def _moments(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.02)
